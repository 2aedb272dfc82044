"""A send worker that writes down when it heard of whom: the last word of its command is the file."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from shodaku.config import worker
from shodaku.delivery.lane import Turn


def main() -> None:
    file = Path(sys.argv.pop()).open("w", encoding="ascii", buffering=1)  # noqa: SIM115 - as long as we live
    hint = Turn.hint

    def watched(turn: Turn, contact_id: int) -> None:
        hint(turn, contact_id)
        if turn.batch is not None and turn.batch.holds(contact_id):
            file.write(f"{contact_id} {time.monotonic()}\n")

    setattr(Turn, "hint", watched)  # noqa: B010 - a measurement watches what it measures
    worker.main()


if __name__ == "__main__":
    main()
