"""What the head of a message must not pretend: to be an answer, or to come from somebody else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from shodaku.policy.reasons import Reason

_ANSWER: Final = re.compile(r"\s*(re|fwd?|返信|転送)\s*:", re.IGNORECASE)


def head_fault(
    subject: str, from_domain: str, sender_domains: Iterable[str], *, is_reply: bool
) -> Reason | None:
    """The first fault of subject and From domain (LAW.md section 2, step 3), once per message."""
    if not is_reply and _ANSWER.match(unicodedata.normalize("NFKC", subject)):
        return Reason.SUBJECT_DECEPTIVE
    if not any(_at_or_below(from_domain.lower(), domain.lower()) for domain in sender_domains):
        return Reason.SENDER_FALSE  # 特定電子メール法5条
    return None


def _at_or_below(domain: str, parent: str) -> bool:
    return domain == parent or domain.endswith(f".{parent}")
