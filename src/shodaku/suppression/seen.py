"""What this host last saw of the database, in `<home>/journal/seen.json`: a database that was turned back is
recognised also by a process that was not running then.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from shodaku.kit import place
from shodaku.suppression.fence import Position

FILE: Final = "seen.json"
FILE_BYTES_MAX: Final = 1024 * 1024
_SIZE_CHARACTERS_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class Head:
    """Of a log: two of the same size need not be the same one."""

    size: int  # entries under it
    root: str  # base64


NO_HEAD: Final = Head(0, "")


@dataclass(frozen=True, slots=True)
class Seen:
    """`settled`: heads of ledgers by workspace that this database is known to lack, and was replayed
    since. `told`: since the gate was shut it had to be told something. `contact_ids_upto`: no number of a
    contact above this one was given out here.
    """

    positions: Mapping[str, Position] = field(default_factory=dict)
    settled: Mapping[int, Head] = field(default_factory=dict)
    told: bool = False
    contact_ids_upto: int = 0


def read(home: Path) -> Seen:
    """Nothing where nothing was seen yet, or the file is damaged: then it says nothing."""
    try:
        with (home / place.FOLDER / FILE).open("rb") as source:
            said = json.loads(source.read(FILE_BYTES_MAX))
        positions = {host: Position(host, *map(int, numbers)) for host, numbers in said["positions"].items()}
        settled = {int(each): Head(int(size), str(root)) for each, (size, root) in said["settled"].items()}
        return Seen(positions, settled, bool(said["told"]), int(said["contact_ids_upto"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Seen()


def keep(home: Path, seen: Seen) -> None:
    """Whole or not at all. Raises OSError."""
    folder = home / place.FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder / f".{FILE}.{os.getpid()}"
    said = {
        "positions": {each.host: [each.floor, each.applied, each.high] for each in seen.positions.values()},
        "settled": {str(workspace_id): [head.size, head.root] for workspace_id, head in seen.settled.items()},
        "told": seen.told,
        "contact_ids_upto": seen.contact_ids_upto,
    }
    with fresh.open("w", encoding="ascii") as target:
        json.dump(said, target, sort_keys=True)
        target.flush()
        os.fsync(target.fileno())
    fresh.replace(folder / FILE)


def signed_head(home: Path, workspace_id: int) -> Head:
    """What this host signed last (`ledger.marks`); NO_HEAD for none, or a damaged file."""
    try:
        with (home / "ledger" / f"{workspace_id}.checkpoint").open(encoding="utf-8") as source:
            _, size, root, *_ = source.read(4096).split("\n")
    except (OSError, ValueError):
        return NO_HEAD
    return Head(int(size), root) if size.isdigit() and len(size) <= _SIZE_CHARACTERS_MAX else NO_HEAD


def signed_heads(home: Path) -> dict[int, Head]:
    """Workspace -> the head that this host signed last."""
    names = [each.stem for each in (home / "ledger").glob("*.checkpoint")]
    return {int(name): signed_head(home, int(name)) for name in names if name.isdigit()}
