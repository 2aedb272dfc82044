"""How commands print: tables for people, JSON for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from shodaku.kit.errors import WrongUse


class FileThere(WrongUse):
    """A file of this name exists already; name another one."""

    code = "file_there"


class FileUnwritable(WrongUse):
    """The file cannot be written."""

    code = "file_unwritable"


def say(line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def as_json(value: object) -> None:
    say(json.dumps(value, ensure_ascii=False, default=str))


def require_free(file: Path | None) -> None:
    """Before anything is done whose outcome goes there. Raises FileThere."""
    if file is not None and file.exists():
        raise FileThere(hint=str(file))


def write_private(file: Path, text: str) -> None:
    """A file that its owner alone can read. Raises FileThere, FileUnwritable."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise FileThere(hint=str(file)) from error
    except OSError as error:
        raise FileUnwritable(hint=f"{file}: {error.strerror}") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as target:
        target.write(text + "\n")


def table(rows: Sequence[Mapping[str, object]]) -> None:
    """Columns as wide as their widest cell."""
    if not rows:
        return
    names = list(rows[0])
    width = {name: max(len(name), *(len(str(row[name])) for row in rows)) for name in names}
    for row in [{name: name for name in names}, *rows]:
        say("  ".join(str(row[name]).ljust(width[name]) for name in names).rstrip())
