"""Where, in the text of a bounce, the mail that it returns begins. Pure."""

from __future__ import annotations

import re
from typing import Final

# A line that announces our own mail: “--- This is a copy of the message, including all the headers. ---”,
# “--- Below this line is a copy of the message.”, “--- Original message ---”, “Message headers follow.”,
# “--- Unsent message follows ---”, 元のメール. A heading over a sentence announces none: Courier writes
# UNDELIVERABLE MAIL there. Possessive: what a line begins with is read once.
_ANNOUNCED: Final = re.compile(
    r"""^[ \t]*+(?:
        -*+[ ]*+(?:this|below|here|enclosed|attached)[^\n]{0,60}
            \b(?:copy|headers?)[ ]of[ ](?:the|your)\b[^\n]{0,80}
      | -*+[ ]*+(?:the[ ])?(?:header|headers|copy|content|contents|text)[ ]of[ ](?:the|your)[ ]
            (?:original|returned|undelivered)[^\n]{0,60}
      | -*+[ ]*+(?:the[ ])?(?:original|unsent|undelivered|undeliverable|returned)[ ]
            (?:e?-?mail(?![ \t]*\n\s*+[A-Z][a-z]+[ ])|message|msg)
            (?:[ ](?:headers?|text|content|mail|info))*[ ]?(?:follows?|begins?|info)?[ ]*[-.:]*
      | -*+[ ]*+(?:message|mail)[ ](?:headers?|text|body)[ ]follows?[ ]*[-.:]*
      | -++[ ]*+(?:message[ ]non-deliverable|original[ ]mail[ ]info|return(?:ed)?[ ]message)[^\n]{0,40}
      | [-=*■▼]*+[ ]*+(?:元の|返送された|送信された|オリジナル)(?:メール|メッセージ)[^\n]{0,20}
    )[ \t]*$""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_TRANSPORT: Final = re.compile(
    r"^(?:Received: (?:from|by)\b|Received:from|Return-Path: ?<|X-Received: by)", re.MULTILINE
)
_REPORT: Final = re.compile(r"^(?:Final|Original)-Recipient:", re.MULTILINE | re.IGNORECASE)
_LETTERS_BEFORE: Final = 12  # that have to stand before a cut, else nothing would be left


def own_text(text: str) -> tuple[str, str]:
    """What the program says, and the mail that it returns in the same text; empty where it returns none.

    A report whose parts lost their MIME stands as text, fields and all, so what follows them is kept.
    """
    said = len(text) - len(text.lstrip()) + _LETTERS_BEFORE
    last_field = max((match.end() for match in _REPORT.finditer(text)), default=0)
    cuts = [match.start() for pattern in (_ANNOUNCED, _TRANSPORT) for match in pattern.finditer(text)]
    cut = min((cut for cut in cuts if cut > max(last_field, said)), default=len(text))
    return text[:cut], text[cut:]
