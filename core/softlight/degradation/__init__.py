"""What lenses, small files, networks and years do to photos of faces; for trials, tests and training."""
