"""What messages said of a sender, version by version, each with what changed: for readers and at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import SenderVersion
from shodaku.signup.comparing import Line, differences


@dataclass(frozen=True, slots=True)
class DisplayVersion:
    number: int
    at: datetime
    sha256: str
    facts: tuple[tuple[str, str], ...]  # what each is called, and it
    text: str  # the same, a line each
    changes: tuple[Line, ...]  # to the version before; empty for the first


def legal_display(workspace_id: int, sender_id: int, language: str) -> list[DisplayVersion]:
    """The newest first, at most SENDER_VERSIONS_MAX; empty: there is no such sender."""
    kept = accounts.sender_versions(workspace_id, sender_id)
    shown = kept[: accounts.SENDER_VERSIONS_MAX]
    before = [*kept[1:], None][: len(shown)]
    return [_version(each, earlier, language) for each, earlier in zip(shown, before, strict=True)]


def _version(one: SenderVersion, earlier: SenderVersion | None, language: str) -> DisplayVersion:
    text = one.text(language)
    return DisplayVersion(
        number=one.version,
        at=one.created_at,
        sha256=one.sha256,
        facts=tuple(one.lines(language)),
        text=text,
        changes=() if earlier is None else differences(earlier.text(language), text),
    )
