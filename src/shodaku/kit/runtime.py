"""What a process was started with: folders, addresses and key rings, bound once by the composition root."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from shodaku.kit.errors import ShodakuError
from shodaku.kit.keys import KeyPurpose, KeyRing, read_ring


class NotStarted(ShodakuError):
    """The process was not started by shodaku."""

    code = "not_started"


@dataclass(frozen=True, slots=True)
class Runtime:
    home: Path  # journals and other files of this host
    keys: Path
    public_url: str  # what links in messages begin with, without a final slash
    database_url: str
    vault_url: str
    _rings: dict[KeyPurpose, KeyRing] = field(default_factory=dict, repr=False, compare=False)

    def ring(self, purpose: KeyPurpose) -> KeyRing:
        """Read once per process. Raises KeyMissing, KeyExposed."""
        if purpose not in self._rings:
            self._rings[purpose] = read_ring(self.keys, purpose)
        return self._rings[purpose]


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
