"""A copy of the checkpoint in a folder: one file for each, and all of them in one, to audit against.

What stands there already is never written over: if it contradicts the log, that is what the copy was for.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from shodaku.ledger.anchored import AnchorFailed, AnchorFaultCode
from shodaku.ledger.domain import Checkpoint
from shodaku.ledger.merkle import verify_consistency
from shodaku.ledger.notes import NOTE_CHARACTERS_MAX, Note, NoteFault, read_note

TAIL_BYTES: Final = NOTE_CHARACTERS_MAX  # of the file with all copies: the newest stands at its end
_FILE_MODE: Final = 0o644
# a whole copy: what a crash left half written has no line of a signature
_COPY: Final = re.compile(rb"^[^\n]+\n[0-9]+\n[^\n]+\n\n(?:\xe2\x80\x94 [^\n]+\n)+", re.MULTILINE)

Prove = Callable[[int], Sequence[bytes]]  # the first so many entries begin the log of the checkpoint


def put(folder: Path, slug: str, newest: Checkpoint, prove: Prove) -> list[Path]:
    """The files that hold the copy now: its own, then the one with all. Repeating it changes nothing.

    Raises AnchorFailed.
    """
    own, every = folder / f"{slug}-{newest.size:012d}.txt", folder / f"{slug}.checkpoints"
    try:
        with _alone(every) as handle:
            last = _newest(handle, read_note(newest.note).origin)
            if last is not None:
                _agree(last, newest, prove)
            _write_once(own, newest)
            if last is None or last.size < newest.size:
                _append(handle, newest.note)
        _settle(folder)
    except OSError as error:
        raise AnchorFailed(AnchorFaultCode.UNWRITABLE, error.strerror or "") from error
    return [own, every]


def _agree(last: Note, newest: Checkpoint, prove: Prove) -> None:
    """The copy that was made last must begin the log of today. Raises AnchorFailed."""
    if last.origin != read_note(newest.note).origin:
        raise AnchorFailed(AnchorFaultCode.OTHER_LOG)
    if last.size > newest.size:
        raise AnchorFailed(AnchorFaultCode.FORKED, str(last.size))
    proof = prove(last.size)
    if not verify_consistency(last.size, newest.size, proof, last.root, newest.root):
        raise AnchorFailed(AnchorFaultCode.FORKED, str(last.size))


def _write_once(file: Path, newest: Checkpoint) -> None:
    """The whole file or none, and never over another one: we hold the lock. Raises AnchorFailed.

    No hard link, which would refuse by itself: a medium that is taken away has none on most file systems.
    """
    if file.is_symlink() or file.exists():
        _same(file, newest)
        return
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, _FILE_MODE)
        with os.fdopen(descriptor, "wb") as target:
            target.write(newest.note.encode())
            target.flush()
            os.fsync(target.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _same(file: Path, newest: Checkpoint) -> None:
    """Another key may have signed it; what it says must be the same. Raises AnchorFailed."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as source:
        content = source.read(TAIL_BYTES + 1)
    try:
        there = read_note(content.decode())
    except (NoteFault, UnicodeDecodeError) as error:
        raise AnchorFailed(AnchorFaultCode.FORKED, str(newest.size)) from error
    if there.text != read_note(newest.note).text:
        raise AnchorFailed(AnchorFaultCode.FORKED, str(newest.size))


@contextmanager
def _alone(file: Path) -> Iterator[int]:
    """Open the file with all copies; two processes at once would append the same."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, _FILE_MODE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _newest(handle: int, origin: str) -> Note | None:
    """The copy that was made last. One that a crash cut off is taken away, for it hides what comes after it.

    Raises AnchorFailed.
    """
    length = os.fstat(handle).st_size
    start = max(0, length - TAIL_BYTES)
    tail = os.pread(handle, TAIL_BYTES, start)
    copies = list(_COPY.finditer(tail))
    end = copies[-1].end() if copies else 0
    rest = tail[end:].lstrip(b"\n")
    if rest and f"{origin}\n".encode().startswith(rest.partition(b"\n")[0]):
        os.ftruncate(handle, start + end)
    try:
        return read_note(copies[-1][0].decode()) if copies else None
    except (NoteFault, UnicodeDecodeError) as error:
        raise AnchorFailed(AnchorFaultCode.FORKED) from error


def _append(handle: int, note: str) -> None:
    """An empty line stands between two copies."""
    length = os.fstat(handle).st_size
    before = os.pread(handle, 2, max(0, length - 2))
    breaks = len(before) - len(before.rstrip(b"\n"))
    content = (b"\n" * (2 - breaks) if before else b"") + note.encode() + b"\n"
    written = os.write(handle, content)
    os.fsync(handle)
    if written != len(content):  # the disk is full: the rest of it is taken away the next time
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _settle(folder: Path) -> None:
    """A new name is on the disk when its folder is."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
