"""What a process was started with: folders, addresses and key rings, bound once by the composition root."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

from shodaku.kit import log
from shodaku.kit.errors import ShodakuError
from shodaku.kit.keys import KeyPurpose, KeyRing, KeyUnavailable, read_ring

AGAIN_SECONDS: Final = 5.0  # after a change of the folder that could not be read


class NotStarted(ShodakuError):
    """The process was not started by shodaku."""

    code = "not_started"


class _Held(NamedTuple):
    ring: KeyRing
    folder_at: int  # st_mtime_ns before it was read; 0 for a folder that is away
    again_at: float  # on the monotonic clock: until then it is not read once more


@dataclass(frozen=True, slots=True)
class Runtime:
    home: Path  # journals and other files of this host
    keys: Path
    public_url: str  # what links in messages begin with, without a final slash
    database_url: str
    vault_url: str
    _rings: dict[KeyPurpose, _Held] = field(default_factory=dict, repr=False, compare=False)
    _reading: dict[KeyPurpose, Lock] = field(
        default_factory=lambda: {purpose: Lock() for purpose in KeyPurpose}, repr=False, compare=False
    )  # one a purpose: who needs the link key does not wait for the service that opens the KEK

    def ring(self, purpose: KeyPurpose) -> KeyRing:
        """Read once, and again when the folder has changed: a rotation reaches running processes at once.

        What cannot be read again stays as it was read: a file that is away for a moment must not shut the
        door to who opts out. Raises KeyMissing, KeyExposed, KeyUnreadable, KeyServiceFailed at first.
        """
        folder_at = _changed_at(self.keys)
        held = self._rings.get(purpose)
        if held is None or held.folder_at != folder_at:
            with self._reading[purpose]:
                held = self._read_again(purpose, folder_at)
        return held.ring

    def hold(self, purpose: KeyPurpose, ring: KeyRing) -> None:
        """A ring that lies in no file: it stays as long as there is no folder of keys."""
        self._rings[purpose] = _Held(ring, 0, 0.0)

    def _read_again(self, purpose: KeyPurpose, folder_at: int) -> _Held:
        held = self._rings.get(purpose)
        if held is not None and (held.folder_at == folder_at or time.monotonic() < held.again_at):
            return held  # another thread has been here
        try:
            new = _Held(read_ring(self.keys, purpose), folder_at, 0.0)
        except KeyUnavailable as fault:
            if held is None:
                raise
            log.info("key.not_read_again", purpose=purpose.value, code=fault.code)
            new = held._replace(again_at=time.monotonic() + AGAIN_SECONDS)
        self._rings[purpose] = new
        return new


def _changed_at(folder: Path) -> int:
    """1 to 3 us, which every use of a key can afford."""
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


_started: list[Runtime] = []


def start(runtime: Runtime) -> None:
    _started[:] = [runtime]


def started() -> bool:
    return bool(_started)


def current() -> Runtime:
    """Raises NotStarted."""
    if not _started:
        raise NotStarted
    return _started[0]


@contextmanager
def replaced(runtime: Runtime) -> Iterator[None]:
    """For tests: another runtime for a while, say with a vault that cannot be reached."""
    before = list(_started)
    start(runtime)
    try:
        yield
    finally:
        _started[:] = before
