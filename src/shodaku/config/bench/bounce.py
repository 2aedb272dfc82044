"""What it costs to understand a returned mail: CPU of one process, over a folder of real ones."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from shodaku.config.bench import machine
from shodaku.delivery.bounces.classify import classify
from shodaku.kit.errors import OutOfReach

ROUNDS: Final = 5
FOLDER: Final = Path("../shared/corpora/bounces/mails")


class NoMails(OutOfReach):
    """There is no folder of returned mails to measure with."""

    code = "no_mails"


def run(options: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Options: mails (a folder), rounds. Raises NoMails."""
    rounds = int(str(options.get("rounds", ROUNDS)))
    raws = _read(Path(str(options.get("mails", FOLDER))))
    for raw in raws:  # the first reading of each boundary compiles a pattern that the library keeps
        classify(raw)
    measured = [_milliseconds(raws) for _ in range(rounds)]
    yield machine.line("bounce", "classify", "ms", [median(each) for each in measured], len(raws))
    yield machine.line("bounce", "classify, slowest mail", "ms", [max(each) for each in measured], len(raws))


def _read(folder: Path) -> list[bytes]:
    raws = [file.read_bytes() for file in sorted(folder.rglob("*.eml"))] if folder.is_dir() else []
    if not raws:
        raise NoMails(hint=f"{folder}: shodaku bench bounce --mails FOLDER")
    return raws


def _milliseconds(raws: Sequence[bytes]) -> list[float]:
    spent = []
    for raw in raws:
        start = time.process_time()
        classify(raw)
        spent.append((time.process_time() - start) * 1e3)
    return spent
