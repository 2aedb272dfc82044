"""`python -m shodaku` is `shodaku`."""

from __future__ import annotations

import sys

from shodaku.config.cli import main

if __name__ == "__main__":
    sys.exit(main())
