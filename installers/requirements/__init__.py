"""What the engine needs, each file with its version and its checksums, one list for each back end."""
