"""The model store: which networks exist, what they promise, and files that are what they were released as."""
