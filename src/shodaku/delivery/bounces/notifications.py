"""Amazon's notifications, which come as mails whose text is JSON. Pure, total."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from shodaku.delivery.bounces.verdict import BounceSort

_START: Final = re.compile(r"\{\s*\"(?:Type|notificationType|eventType|Message)\"")
_FOLDED: Final = re.compile(r"!\n ?")  # a mail server cut a line at 998 letters (RFC 5321 section 4.5.3.1.6)
_SORTS: Final = {
    "bounce": BounceSort.BOUNCE, "complaint": BounceSort.FEEDBACK, "delivery": BounceSort.DELIVERED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Noted:
    address: str
    status: str
    diagnostic: str


@dataclass(frozen=True, slots=True)
class Notification:
    sort: BounceSort
    noted: tuple[Noted, ...]


def notification_in(text: str) -> Notification | None:
    """None: it is none, or one of another kind."""
    if not (start := _START.search(text)):
        return None
    event = _object(_FOLDED.sub("", text[start.start() :]))
    if isinstance(event.get("Message"), str):
        event = _object(event["Message"])
    sort = _SORTS.get(str(event.get("notificationType") or event.get("eventType") or "").lower())
    if sort is None:
        return None
    details = event.get(sort.value if sort is BounceSort.BOUNCE else _KEY[sort])
    return Notification(sort, tuple(_noted(details)) if isinstance(details, dict) else ())


_KEY: Final = {BounceSort.FEEDBACK: "complaint", BounceSort.DELIVERED: "delivery"}
_LISTS: Final = ("bouncedRecipients", "complainedRecipients", "recipients")


def _object(text: str) -> Mapping[str, Any]:  # Any: JSON of somebody else
    """The first object in a text, whatever follows it; empty where none can be read."""
    try:
        found, _ = json.JSONDecoder(strict=False).raw_decode(text.strip())
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _noted(details: Mapping[str, Any]) -> Iterator[Noted]:  # Any: as above
    for name in _LISTS:
        listed = details.get(name)
        for each in listed if isinstance(listed, list) else ():
            if isinstance(each, str):
                yield Noted(each, "", str(details.get("smtpResponse", "")))
            elif isinstance(each, dict):
                yield Noted(
                    str(each.get("emailAddress", "")),
                    str(each.get("status", "")),
                    str(each.get("diagnosticCode", "")),
                )
