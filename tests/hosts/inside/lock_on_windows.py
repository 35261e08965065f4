"""A host that has a file open, so that Windows lets nobody change it: FILE, and a file that ends it."""

import sys
import time
from pathlib import Path

with open(sys.argv[1], "rb"):
    sys.stdout.write("held\n")
    sys.stdout.flush()
    while not Path(sys.argv[2]).exists():
        time.sleep(0.1)
