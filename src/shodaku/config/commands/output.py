"""How commands print: tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence


def say(line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def as_json(value: object) -> None:
    say(json.dumps(value, ensure_ascii=False, default=str))


def table(rows: Sequence[Mapping[str, object]]) -> None:
    """Columns as wide as their widest cell."""
    if not rows:
        return
    names = list(rows[0])
    width = {name: max(len(name), *(len(str(row[name])) for row in rows)) for name in names}
    for row in [{name: name for name in names}, *rows]:
        say("  ".join(str(row[name]).ljust(width[name]) for name in names).rstrip())
