"""Reports that somebody pressed the spam button, or wants no more: RFC 5965 and what came before it. Pure."""

from __future__ import annotations

import re
from typing import Final

from shodaku.delivery.bounces.addresses import once, recipient_of
from shodaku.delivery.bounces.reading import Letter

_TYPE: Final = re.compile(r"^Feedback-Type:[ \t]*([A-Za-z-]+)", re.MULTILINE | re.IGNORECASE)
_WHOM: Final = re.compile(
    r"^(?:Original-Rcpt-To|Removal-Recipient):[ \t]*(.+)$", re.MULTILINE | re.IGNORECASE
)
_TO: Final = re.compile(r"^(?:X-HmXmrOriginalRecipient|To):[ \t]*(.+)$", re.MULTILINE | re.IGNORECASE)
# Microsoft's reports carry our mail whole and no fields; Apple's program answers List-Unsubscribe by mail
_WITHOUT_FIELDS: Final = re.compile(r"\s*complaint about message from\b", re.IGNORECASE)
_SAYS_SO: Final = re.compile(r"\s*this is an? (?:email )?(?:abuse|opt-out|feedback) report\b", re.IGNORECASE)
_UNSUBSCRIBES: Final = re.compile(r"sent this e?-?mail to unsubscribe", re.IGNORECASE)


def is_complaint(letter: Letter) -> bool:
    return bool(
        letter.report_type == "feedback-report"
        or _TYPE.search(letter.feedback)
        or _TYPE.search(letter.told)
        or (letter.returned and _WITHOUT_FIELDS.match(letter.one("subject")))
        or _SAYS_SO.match(letter.told)
        or _UNSUBSCRIBES.search(letter.told)
    )


def complainants(letter: Letter) -> list[str]:
    """Whom the report names; mostly nobody, for providers blot them out."""
    fields = "\n".join((letter.feedback, letter.told if _TYPE.search(letter.told) else ""))
    named = [recipient_of(value) for value in _WHOM.findall(fields)]
    if not any(named) and _UNSUBSCRIBES.search(letter.told):
        named = letter.addresses("from")[:1]
    if not any(named):
        named = [recipient_of(value) for value in _TO.findall(letter.returned)[:1]]
    return once(each for each in named if each)
