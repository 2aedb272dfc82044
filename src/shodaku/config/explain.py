"""May we write to an address, why, since and until when: the gate's own answer, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shodaku.consent import selectors as consents
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel, parse_email
from shodaku.delivery import selectors as delivery
from shodaku.policy.domain import AnyReason, Deferred, Group, Permit, Reason, Refused
from shodaku.policy.domain import explain as told
from shodaku.suppression import selectors as suppression_known
from shodaku.suppression import services as suppression


@dataclass(frozen=True, slots=True)
class Explained:
    may: bool
    reason: str
    ja: str
    en: str
    rules: tuple[str, ...]
    articles: tuple[str, ...]
    entry_id: int | None = None  # ledger entry of the consent that allows it
    since: datetime | None = None
    until: datetime | None = None


def explain(workspace_id: int, address: str, topic_id: int, *, now: datetime) -> Explained:
    """An advertising mail on this topic, at this moment. Raises AddressError."""
    pair = suppression.tokens(workspace_id, Channel.EMAIL, parse_email(address).address)
    contact_id = contacts.claimed(workspace_id, Channel.EMAIL, [pair.strict]).get(pair.strict)
    if contact_id is None:
        return _stranger(suppression_known.suppressed(workspace_id, [pair]).get(pair.strict))
    question = delivery.question_of_topic(workspace_id, topic_id)
    verdict, _facts = delivery.verdict(workspace_id, contact_id, question, now=now)
    held = [
        each
        for each in consents.held(workspace_id, contact_id)
        if each.topic_id == topic_id and each.channel == Channel.EMAIL
    ]
    since = held[0].since if held else None
    match verdict:
        case Permit():
            return _answer(verdict.reason, may=True, entry_id=verdict.evidence_id, since=since, held=held)
        case Refused(reason=reason):
            return _answer(reason, may=False, since=since)
        case Deferred(reason=reason, until=until):
            return _answer(reason, may=False, since=since, until=until)


def _stranger(suppressed: suppression_known.Suppressed | None) -> Explained:
    if suppressed is None:
        return _answer(Reason.NO_BASIS, may=False)
    return _answer(Reason.ERASED_NEVER_CONTACT, may=False, since=suppressed.at)


def _answer(
    reason: AnyReason,
    *,
    may: bool,
    entry_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    held: list[consents.Held] | None = None,
) -> Explained:
    words = told(reason)
    end = until or (held[0].expires_at if held else None)
    return Explained(
        may and words.group is Group.GO,
        reason.value,
        words.ja,
        words.en,
        words.rules,
        words.articles,
        entry_id,
        since,
        end,
    )
