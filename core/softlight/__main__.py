"""``python -m softlight``: the command line."""

import sys

from softlight.cli import main

sys.exit(main())
