"""What people wrote or said: sealed for each of them in the ledger, opened for a page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from shodaku.accounts.domain import Act, may
from shodaku.console.guard import Visitor
from shodaku.console.words import Words
from shodaku.kit.errors import OutOfReach
from shodaku.ledger import selectors as ledger
from shodaku.ledger.domain import Value

FIELDS: Final = ("said", "text")  # the words of a refusal, and those of a message to the desk

# by the choice of the page behind a mail, in its own words
GRIEVANCES: Final[Words] = {
    "never_agreed": _("I never agreed to this"),
    "too_often": _("It comes too often"),
    "after_no": _("Something came after I had said no"),
    "content": _("I object to what the message says"),
    "data": _("I object to how my data are used"),
    "other": _("Something else"),
}


@dataclass(frozen=True, slots=True)
class Opened:
    words: dict[int, str]  # by entry
    away: bool  # the key store cannot be reached, so all words are missing


def opened(visitor: Visitor, asked: Iterable[tuple[int | None, int | None]]) -> Opened:
    """Of pairs of contact and entry. Nothing for who has no business with what people wrote."""
    entries = {entry_id: contact_id for contact_id, entry_id in asked if contact_id and entry_id}
    if not may(visitor.role, Act.ANSWER):
        return Opened({}, away=False)
    try:
        found = ledger.opened(visitor.workspace_id, entries)
    except OutOfReach:
        return Opened({}, away=True)
    said = {entry_id: _said(fields) for entry_id, fields in found.items()}
    return Opened({entry_id: text for entry_id, text in said.items() if text}, away=False)


def _said(fields: Mapping[str, Value]) -> str:
    """What was chosen on the page of a complaint, and what was written."""
    chosen = GRIEVANCES.get(str(fields.get("grievance")), "")
    text = next((str(fields[name]) for name in FIELDS if fields.get(name)), "")
    return "\n".join(filter(None, (str(chosen), text)))
