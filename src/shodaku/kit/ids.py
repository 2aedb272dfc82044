"""Identifiers for the outside: UUIDv7, so that they sort by time (RFC 9562 section 5.7)."""

from __future__ import annotations

import uuid
from datetime import datetime


def uuid7(now: datetime, chance: bytes) -> uuid.UUID:
    """48 bits of Unix milliseconds, 74 bits of `chance` (at least 10 bytes). PostgreSQL below 18 has none."""
    milliseconds = int(now.timestamp() * 1000)
    random = int.from_bytes(chance[:10], "big")
    high, low = random >> 62 & 0xFFF, random & (1 << 62) - 1
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
