"""A key as it is shown once, and what one may do. Pure."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Final

SECRET_BYTES: Final = 20  # 160 bits: nobody guesses one
KEYS_MAX: Final = 20  # live ones of a workspace
KEY_DAYS: Final = 365
KEY_DAYS_MAX: Final = 3 * 365
CALLS_A_MINUTE: Final = 600  # of one key, at one web process (SECURITY.md section 7)
_MINUTE: Final = 60.0
_KEYS_KEPT: Final = 1_000  # before those that rest are forgotten
# scanners of leaked secrets know it by its beginning and prove it by its check
_FORM: Final = re.compile(r"shodaku_([1-9][0-9]{0,9})_([A-Z2-7]{32})_([0-9a-f]{8})")


class Scope(StrEnum):
    """What a key may do; nothing implies anything else. None lifts a refusal or confirms for a person."""

    SUPPRESS_WRITE = "suppress:write"  # write down a no, and addresses never to be contacted
    CONTACTS_READ = "contacts:read"  # be told whether an address is known
    CONSENTS_WRITE = "consents:write"  # tell what a person switched on or off in the sender's own app
    CONSENTS_READ = "consents:read"  # how somebody's switches are
    PURCHASES_WRITE = "purchases:write"  # products, who bought them, and coupons that were used
    SEGMENTS_READ = "segments:read"  # whom segments mean; with contacts:read their numbers
    SEGMENTS_WRITE = "segments:write"  # save segments
    CAMPAIGNS_READ = "campaigns:read"  # what became of a campaign, in numbers
    CAMPAIGNS_WRITE = "campaigns:write"  # throw drafts away; nothing is sent by a key


@dataclass(frozen=True, slots=True)
class Shown:
    """What a key says of itself; whether it was ever given out, the database knows."""

    workspace_id: int
    sha256: bytes


def write_key(workspace_id: int, secret: bytes) -> str:
    """The text that is shown once: workspace, 160 random bits, and a check of both."""
    body = f"shodaku_{workspace_id}_{base64.b32encode(secret).decode()}"
    return f"{body}_{_check(body)}"


def read_key(text: str) -> Shown | None:
    """None for whatever was never a key of ours: cut off, mistyped, somebody else's."""
    match = _FORM.fullmatch(text)
    if match is None or _check(text.rpartition("_")[0]) != match[3]:
        return None
    workspace_id = int(match[1])
    if workspace_id >= 2**31:
        return None
    return Shown(workspace_id, sha256(text.encode()).digest())


def _check(body: str) -> str:
    return f"{zlib.crc32(body.encode()) & 0xFFFFFFFF:08x}"


def bearer(header: str) -> str:
    """The key of an Authorization header; nothing where it is of another kind."""
    kind, _, value = header.partition(" ")
    return value.strip() if kind.lower() == "bearer" else ""


def basic(header: str) -> str:
    """The user name of a Basic header, where programs put a key that can do nothing else."""
    kind, _, value = header.partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


@dataclass(slots=True)
class Meter:
    """Calls of the last minute by key. Time is an argument; a key that rests is forgotten."""

    calls_max: int = CALLS_A_MINUTE
    _calls: dict[tuple[int, int], deque[float]] = field(default_factory=dict)

    def seconds_to_wait(self, key: tuple[int, int], now: float) -> float:
        """0 when the call may go on, and it is counted then."""
        calls = self._calls.setdefault(key, deque())
        while calls and calls[0] <= now - _MINUTE:
            calls.popleft()
        if len(calls) >= self.calls_max:
            return calls[0] + _MINUTE - now
        calls.append(now)
        if len(self._calls) > _KEYS_KEPT:
            self._calls = {each: at for each, at in self._calls.items() if at and at[-1] > now - _MINUTE}
        return 0.0
