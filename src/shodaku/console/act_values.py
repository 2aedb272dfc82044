"""What an act was done to, in words: an entry of the ledger holds codes, numbers and moments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from shodaku.accounts.domain import EvidenceRetention, OptOutRule
from shodaku.console import case_words, product_forms, request_words, staff_names, words
from shodaku.console.rule_forms import EXEMPTIONS
from shodaku.contacts.domain import Channel
from shodaku.kit.ui.templatetags.ui import brief, minute, num
from shodaku.ledger import selectors as ledger
from shodaku.ledger.domain import Value

HASH: Final = re.compile("[0-9a-f]{64}")
# of a field the words for its codes; what is no code is somebody's own text
CODED: Final[Mapping[str, words.Words]] = {
    "addresses": {"in full": _("Shown in full"), "masked": _("Masked")},
    "basis": words.BASES,
    "channel": {Channel.EMAIL: _("E-mail"), Channel.SMS: _("Text message")},
    "exemption": EXEMPTIONS,
    "grievance": case_words.GRIEVANCES,
    "ground": request_words.GROUNDS,
    "identified": request_words.IDENTIFIED,
    "kind": {**product_forms.KINDS, **request_words.KINDS},
    "method": words.METHODS,
    "reason": words.NEVER_AGAIN,
    "retention": {
        EvidenceRetention.DEFAULT: _("For 3 years"),
        EvidenceRetention.STATUTORY: _("As long as the law demands: 1 month, in mail order 3 years"),
    },
    "role": words.ROLES,
    "rule": {
        OptOutRule.STOP: _("Stop this topic"),
        OptOutRule.STOP_ALL: _("Stop all advertising on every channel"),
        OptOutRule.ERASE: _("Stop everything and erase all that is known"),
    },
    "scope": words.NO_SCOPES,
    "via": {**words.METHODS, **request_words.VIAS, **case_words.VIAS},
    "what": {
        "acts": _("Who did what"),
        "bulk": _("Acts on many people"),
        "clicks": _("Links that were followed"),
        "complaint letter": _("Letter"),
        "contacts": _("Contacts"),
        "deliveries": _("Deliveries"),
        "import": _("An import"),
        "preflight": _("Check before sending"),
        "preflight sheet": _("Check sheet before sending"),
        "refusals": _("Who said no"),
        "report": _("Report"),
        "segment": _("Segment"),
        "uncertain": _("Not certain whether it arrived"),
    },
}


def told(name: str, value: Value, language: str, names: staff_names.StaffNames) -> str:
    """One line that is safe to print. Of counts by table their sum: each of them stands in the entry."""
    if isinstance(value, str):
        if value.startswith(staff_names.PREFIX):
            return names.told(value)
        if name == "staff" and value.isdecimal():
            return names.told(f"{staff_names.PREFIX}{value}")
        if value in CODED.get(name, {}):
            return str(CODED[name][value])
        at = _moment(value)
        return ledger.value_in_words(value, language) if at is None else minute(at)
    if name == "staff" and isinstance(value, int):
        return names.told(f"{staff_names.PREFIX}{value}")
    if isinstance(value, Mapping) and all(isinstance(each, int) for each in value.values()):
        return num(sum(each for each in value.values() if isinstance(each, int)))
    return ledger.value_in_words(value, language)


def on_screen(said: str) -> str:
    """A hash is told by its ends; the file has it whole."""
    return brief(said) if HASH.fullmatch(said) else said


def codes_of(sought: str) -> frozenset[tuple[str, str]]:
    """Fields and codes whose words, in the language of the page, hold the text."""
    wanted = sought.casefold()
    return frozenset(
        (name, str(code))
        for name, known in CODED.items()
        for code, said in known.items()
        if wanted in str(said).casefold()
    )


def _moment(text: str) -> datetime | None:
    """Only a whole instant with its offset: a day, or a number, is somebody's text."""
    if "T" not in text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if at.tzinfo is None else localtime(at)
