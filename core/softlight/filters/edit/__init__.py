"""Edit attributes: age, hair, and what else of a face can be changed and taken back."""
