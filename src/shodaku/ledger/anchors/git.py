"""A copy of the checkpoint in a git work tree: committed, and pushed if there is an origin.

Nobody's hooks, editor or signing key take part, and nothing but our two files is committed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from shodaku.ledger.anchored import AnchorFailed, AnchorFaultCode
from shodaku.ledger.anchors import folder
from shodaku.ledger.domain import Checkpoint
from shodaku.ledger.notes import read_note

SECONDS_MAX: Final = 60.0  # of one call; a push over a slow line takes longest
_ORIGIN: Final = "origin"
_WHO: Final = {"NAME": "shodaku ledger", "EMAIL": "ledger@shodaku.invalid"}
_SETTINGS: Final = (
    "core.hooksPath=/dev/null",
    "commit.gpgSign=false",
    "core.autocrlf=false",
    "core.safecrlf=false",
    "gc.auto=0",
)


def require_work_tree(place: Path) -> None:
    """Raises AnchorFailed."""
    answer = _run(place, ["rev-parse", "--is-inside-work-tree"], {})
    if answer.returncode or answer.stdout.strip() != "true":
        raise AnchorFailed(AnchorFaultCode.NO_WORK_TREE)


def put(place: Path, slug: str, newest: Checkpoint, prove: folder.Prove, now: datetime) -> str:
    """The commit that holds the copy. A push that failed is tried again the next time.

    Raises AnchorFailed.
    """
    require_work_tree(place)
    files = [file.name for file in folder.put(place, slug, newest, prove)]
    by = _identity(now)
    _must(place, ["add", "--force", "--", *files], by)
    if _run(place, ["diff", "--cached", "--quiet", "--", *files], by).returncode:
        said = f"Checkpoint {newest.size} of {read_note(newest.note).origin}"
        _must(place, ["commit", "--quiet", "--no-verify", "-m", said, "--", *files], by)
    commit = _must(place, ["log", "-1", "--format=%H", "--", files[0]], by).strip()
    if _ORIGIN in _must(place, ["remote"], by).split():
        _push(place, by)
    return commit


def _push(place: Path, by: Mapping[str, str]) -> None:
    if _run(place, ["push", "--quiet", _ORIGIN, "HEAD"], by).returncode:
        raise AnchorFailed(AnchorFaultCode.PUSH_FAILED)


def _must(place: Path, words: Sequence[str], by: Mapping[str, str]) -> str:
    answer = _run(place, words, by)
    if answer.returncode:
        raise AnchorFailed(AnchorFaultCode.GIT_FAILED, words[0])
    return answer.stdout


def _run(place: Path, words: Sequence[str], by: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    program = shutil.which("git")
    if program is None:
        raise AnchorFailed(AnchorFaultCode.GIT_MISSING)
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    command = [program, "-C", str(place), *settings, *words]
    try:
        return subprocess.run(  # noqa: S603 - no shell; the words are ours, the folder was chosen by staff
            command,
            env={**_environment(), **by},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        code = AnchorFaultCode.PUSH_FAILED if words[0] == "push" else AnchorFaultCode.GIT_FAILED
        raise AnchorFailed(code, "60 s") from error


def _environment() -> dict[str, str]:
    """Ours without what would lead git to another repository, and without anything that asks a person."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return ours | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def _identity(now: datetime) -> dict[str, str]:
    roles = ("AUTHOR", "COMMITTER")
    said = {f"GIT_{role}_{name}": value for role in roles for name, value in _WHO.items()}
    return said | {f"GIT_{role}_DATE": now.isoformat(timespec="seconds") for role in roles}
