"""The Windows installer: `build` makes it on Linux, and `setup` travels inside it."""
