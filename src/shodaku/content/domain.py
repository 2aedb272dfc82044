"""What a message is made of: the draft somebody writes, the frozen form that leaves, and what must stand in
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shodaku.content.display import display_missing
from shodaku.content.faults import TemplateFault
from shodaku.content.footer import footer_html, footer_text
from shodaku.content.merge_fields import FIELDS, LINKS, MergeField, without_slots
from shodaku.policy.domain import Ads, MessageClass, Reason

__all__ = [
    "FIELDS",
    "HTML_BYTES_MAX",
    "LINKS",
    "SUBJECT_CHARACTERS_MAX",
    "TEXT_BYTES_MAX",
    "Draft",
    "Frozen",
    "MergeField",
    "Preview",
    "TemplateFault",
    "ads_of",
    "display_missing",
    "footer_html",
    "footer_text",
    "without_slots",
]

SUBJECT_CHARACTERS_MAX: Final = 200
TEXT_BYTES_MAX: Final = 200_000
HTML_BYTES_MAX: Final = 500_000  # Gmail cuts at 102 kB; beyond half a megabyte no mail is a letter any more


@dataclass(frozen=True, slots=True)
class Draft:
    subject: str
    text: str
    html: str = ""


@dataclass(frozen=True, slots=True)
class Frozen:
    """Ready to be compiled: only merge fields are open, and the legal display is part of both bodies."""

    subject: str
    text: str
    html: str | None
    links: tuple[str, ...]
    ads: Ads
    display_missing: tuple[Reason, ...]
    content_sha256: str


@dataclass(frozen=True, slots=True)
class Preview:
    subject: str
    text: str
    html: str | None


def ads_of(message_class: MessageClass) -> Ads:
    """What promotes a business is advertising from its first line; a notice of ours holds none."""
    advertising = message_class in (MessageClass.ADVERTISING, MessageClass.SURVEY)
    return Ads.MAIN if advertising else Ads.NONE
