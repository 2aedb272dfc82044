"""One import in a process of its own, which says at its end how large it became; `imports` starts it."""

from __future__ import annotations

import resource
import sys

from shodaku.config import bind


def main() -> None:
    bind.start()
    from shodaku.imports import running  # noqa: PLC0415 - Django is set up only now
    from shodaku.kit import clock  # noqa: PLC0415

    running.run(int(sys.argv[1]), int(sys.argv[2]), now=clock.now())
    bind.stop()
    sys.stdout.write(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}\n")


if __name__ == "__main__":
    main()
