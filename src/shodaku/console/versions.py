"""Versions of a text, each with what differs from the one before: promises, policies, what was told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from shodaku.consent.selectors import Wording
from shodaku.signup import selectors as signup

SHOWN_MAX: Final = 50  # the newest


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    at: datetime
    sha256: str
    text: str
    changes: tuple[Any, ...]  # lines with their mark; empty for the first


def versions(kept: list[Wording]) -> list[Version]:
    """Newest first, as they come."""
    shown = kept[:SHOWN_MAX]
    before = [*kept[1 : SHOWN_MAX + 1], None][: len(shown)]
    return [
        Version(each.version, each.created_at, each.sha256, each.text, _changes(earlier, each))
        for each, earlier in zip(shown, before, strict=True)
    ]


def _changes(earlier: Wording | None, later: Wording) -> tuple[Any, ...]:
    return () if earlier is None else signup.differences(earlier.text, later.text)
