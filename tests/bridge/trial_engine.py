"""The engine with one more filter, for tests: ``python -I trial_engine.py [--idle MINUTES]``."""

import os
import sys
from pathlib import Path

import softlight.filters
from softlight.engine.__main__ import main

if __name__ == "__main__":
    softlight.filters.__path__.append(str(Path(__file__).parent / "trial_filters"))
    os._exit(main(sys.argv[1:]))
