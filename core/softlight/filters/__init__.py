"""The filters: one folder each. Importing this package loads nothing heavy."""
