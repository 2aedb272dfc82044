"""What stands in a key file: the key itself, or what a key service outside this machine wrapped.

A service is two programs, named by SHODAKU_KMS_WRAP and SHODAKU_KMS_UNWRAP: bytes on standard input, bytes on
standard output, exit status 0. With it a plain key is in memory alone, and a stolen disk opens nothing.
"""

from __future__ import annotations

import hmac
import os
import shlex
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Final, Protocol

from shodaku.kit.errors import OutOfReach, WrongUse

KEY_BYTES: Final = 32
FILE_BYTES_MAX: Final = 16_384  # services add some hundred bytes to a key
ANSWER_SECONDS_MAX: Final = 10.0
WRAP: Final = "SHODAKU_KMS_WRAP"
UNWRAP: Final = "SHODAKU_KMS_UNWRAP"


class KeyUnavailable(OutOfReach):
    """A key cannot be used; sending stays shut until it can."""

    code = "key_unavailable"


class KeyUnreadable(KeyUnavailable):
    """A key file cannot be read; sending stays shut until it can."""

    code = "key_unreadable"


class KeyServiceFailed(KeyUnavailable):
    """The key service gave no usable answer for a key file; sending stays shut until it does."""

    code = "key_service_failed"


class KeyServiceUnset(WrongUse):
    """The key service is named by halves, or cannot be understood."""

    code = "key_service_unset"


class KeyStore(Protocol):
    """Between a key and the content of its file. Neither ever stands in a message."""

    @property
    def outside(self) -> bool:
        """Does somebody else wrap what stands in the files?"""
        ...

    @property
    def makes_keys(self) -> bool:
        """Can what stands in a new file be made here?"""
        ...

    def wrap(self, key: bytes, file: Path) -> bytes:
        """What is to be written into the file. Raises KeyServiceFailed, KeyServiceUnset."""
        ...

    def unwrap(self, content: bytes, file: Path) -> bytes:
        """The key that the content of the file stands for. Raises KeyUnreadable, KeyServiceFailed."""
        ...


def from_environment() -> KeyStore:
    """The service that the environment names, else plain files. Raises KeyServiceUnset."""
    return _named(os.environ.get(UNWRAP, ""), os.environ.get(WRAP, ""))


@cache
def _named(unwrap: str, wrap: str) -> KeyStore:
    """One service a process, so that it is asked once a file."""
    if not unwrap and not wrap:
        return PlainFiles()
    if not unwrap:
        raise KeyServiceUnset(hint=f"{UNWRAP} too: what {WRAP} wraps must be opened again")
    return KeyService(_words(unwrap, UNWRAP), _words(wrap, WRAP))


def _words(command: str, variable: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command))
    except ValueError:
        raise KeyServiceUnset(hint=f"{variable}: quotation marks do not match") from None


class PlainFiles:
    """The file holds the key, and its mode is what protects it."""

    outside = False
    makes_keys = True

    def wrap(self, key: bytes, file: Path) -> bytes:  # noqa: ARG002 - as the other store
        return key

    def unwrap(self, content: bytes, file: Path) -> bytes:
        if len(content) != KEY_BYTES:
            wrapped = f"; if a key service wrapped it, name {UNWRAP}" if content else ""
            raise KeyUnreadable(hint=f"{file} holds {len(content)} bytes, not {KEY_BYTES}{wrapped}")
        return content


@dataclass(frozen=True, slots=True)
class KeyService:
    """The file holds what a program wrapped. A file of 32 bytes is a plain key from before the service."""

    unwrapping: tuple[str, ...]
    wrapping: tuple[str, ...]  # empty where no key is ever made: on most machines
    _opened: dict[Path, tuple[bytes, bytes]] = field(default_factory=dict, repr=False, compare=False)
    _asking: Lock = field(default_factory=Lock, repr=False, compare=False)  # so that threads ask once

    @property
    def outside(self) -> bool:
        return True

    @property
    def makes_keys(self) -> bool:
        return bool(self.wrapping)

    def wrap(self, key: bytes, file: Path) -> bytes:
        """Opened again before it is believed: a service that wraps and cannot unwrap loses every key."""
        if not self.wrapping:
            raise KeyServiceUnset(hint=f"{WRAP} too: {file} is to be made")
        content = _ask(self.wrapping, key, file, WRAP)
        if len(content) == KEY_BYTES or len(content) > FILE_BYTES_MAX:
            raise KeyServiceFailed(_sentence(file), hint=f"{WRAP} wrote {len(content)} bytes")
        if not hmac.compare_digest(_ask(self.unwrapping, content, file, UNWRAP), key):
            raise KeyServiceFailed(_sentence(file), hint=f"{UNWRAP} does not open what {WRAP} wraps")
        return content

    def unwrap(self, content: bytes, file: Path) -> bytes:
        if len(content) == KEY_BYTES:
            return content
        for other in list(self._opened):
            if not other.exists():
                self._opened.pop(other, None)  # a key that was destroyed leaves the memory too
        known = self._known(content, file)
        if known is not None:
            return known
        with self._asking:
            return self._known(content, file) or self._opened_by_service(content, file)

    def _known(self, content: bytes, file: Path) -> bytes | None:
        stood, key = self._opened.get(file, (b"", None))
        return key if stood == content else None

    def _opened_by_service(self, content: bytes, file: Path) -> bytes:
        key = _ask(self.unwrapping, content, file, UNWRAP)
        if len(key) != KEY_BYTES:
            raise KeyServiceFailed(_sentence(file), hint=f"{UNWRAP} gave no {KEY_BYTES} bytes")
        self._opened[file] = content, key
        return key


def _ask(command: tuple[str, ...], value: bytes, file: Path, variable: str) -> bytes:
    """Raises KeyServiceFailed, outside of every `except`: what the program wrote goes into no traceback."""
    answer = _answer(command, value)
    if isinstance(answer, str):
        raise KeyServiceFailed(_sentence(file), hint=f"{variable} {answer}")
    return answer


def _answer(command: tuple[str, ...], value: bytes) -> bytes | str:
    """What the program wrote, or why there is nothing."""
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own program, never through a shell
            command,
            input=value,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=ANSWER_SECONDS_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"gave no answer within {ANSWER_SECONDS_MAX:.0f} s"
    except (OSError, ValueError):  # ValueError: a name with a NUL
        return "cannot be started"
    if done.returncode != 0:
        return f"ended with status {done.returncode}"
    return done.stdout or "wrote nothing"


def _sentence(file: Path) -> str:
    return f"The key service gave no usable answer for {file}; sending stays shut until it does."
