"""One part of an audience, judged in a process of its own; `audience` starts it and says when to begin."""

from __future__ import annotations

import sys

from shodaku.config import bind


def main() -> None:
    bind.start()
    from shodaku.config.bench import audience  # noqa: PLC0415 - Django is set up only now

    audience.answer_when_told(sys.argv[1])
    bind.stop()


if __name__ == "__main__":
    main()
