"""The sheet of a case: what was agreed to, refused and sent, each with its evidence and place in the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shodaku.complaints import selectors as complaints
from shodaku.complaints import services
from shodaku.complaints.domain import Case, EvidencePack, Ground, ShownAct
from shodaku.consent.domain import parse_frequency
from shodaku.console import words
from shodaku.console.case_words import MISSING
from shodaku.console.words import Badge
from shodaku.delivery import selectors as delivery
from shodaku.kit.errors import OutOfReach
from shodaku.ledger import selectors as ledger
from shodaku.ledger.domain import Kind
from shodaku.suppression import selectors as suppression

SENT_SHOWN_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Agreed:
    act: ShownAct
    title: str | Promise
    way: str | Promise
    topics: str
    frequency: str
    purposes: str
    place: int | None  # in the log; None until a checkpoint covers it


@dataclass(frozen=True, slots=True)
class Refused:
    at: datetime
    scope: str | Promise
    topic: str
    until: datetime | None
    entry_id: int | None
    place: int | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message and the answer that let it leave, or held it back."""

    at: datetime
    subject: str
    topic: str
    badge: Badge
    answer: str | Promise
    decided_by: str
    entry_id: int | None
    place: int | None


@dataclass(frozen=True, slots=True)
class Sheet:
    agreed: list[Agreed]
    missing: list[str | Promise]
    grounds: list[tuple[str | Promise, Ground]]
    refused: list[Refused]
    sent: list[Sent]
    sent_left_out: int
    replies: list[services.Reply]
    away: bool  # the key store cannot be reached, so evidence has only its number


def sheet(workspace_id: int, case: Case, titles: Mapping[int, str]) -> Sheet:
    """Of a stranger, or of somebody erased since, it is empty but for what may be answered."""
    pack, away = _pack(workspace_id, case)
    replies = [] if away else services.replies(workspace_id, case)
    if case.contact_id is None:
        return Sheet([], [], [], [], [], 0, replies, away)
    refusals = suppression.refusals_of(workspace_id, [case.contact_id]).get(case.contact_id, [])
    rows = delivery.sent_to(workspace_id, case.contact_id)
    agreed = [act for act in pack.acts if act.kind != Kind.REFUSAL]
    entries = [
        *(act.number for act in agreed),
        *(entry for _refusal, entry in refusals if entry is not None),
        *(row.evidence_id for row in rows[:SENT_SHOWN_MAX] if row.evidence_id is not None),
    ]
    places = ledger.places(workspace_id, sorted(set(entries)))
    topic = _Titles(titles)
    return Sheet(
        agreed=[_agreed(act, places) for act in agreed],
        missing=[] if away else [MISSING[part] for part in pack.missing],
        grounds=[(words.BASES.get(each.kind, each.kind), each) for each in pack.grounds],
        refused=[
            Refused(
                each.at,
                words.NO_SCOPES.get(each.scope, each.scope),
                topic.of(each.topic_id),
                each.until,
                entry,
                places.get(entry or 0),
            )
            for each, entry in refusals
        ],
        sent=[_sent(row, topic, places) for row in rows[:SENT_SHOWN_MAX]],
        sent_left_out=max(0, len(rows) - SENT_SHOWN_MAX),
        replies=replies,
        away=away,
    )


@dataclass(frozen=True, slots=True)
class _Titles:
    known: Mapping[int, str]

    def of(self, topic_id: int | None) -> str:
        return "" if topic_id is None else self.known.get(topic_id, _("a former topic"))


def _pack(workspace_id: int, case: Case) -> tuple[EvidencePack, bool]:
    try:
        return services.case_pack(workspace_id, case), False
    except OutOfReach:
        grounds = () if case.contact_id is None else complaints.grounds(workspace_id, case.contact_id)
        empty = EvidencePack(address="", grounds=grounds, stopped_at=case.stopped_at, receipt=case.receipt)
        return empty, True


def _agreed(act: ShownAct, places: Mapping[int, int]) -> Agreed:
    return Agreed(
        act,
        words.ENTRIES.get(act.kind, act.kind),
        words.METHODS.get(act.method or "", act.method or ""),
        _listed(act.topics),
        _listed(map(_often, act.frequency)),
        _listed(act.purposes),
        places.get(act.number),
    )


def _often(text: str) -> str:
    found = parse_frequency(text)
    return text if found is None else found.text(get_language() or "ja")


def _sent(row: delivery.SentRow, topic: _Titles, places: Mapping[int, int]) -> Sent:
    told = words.told(row.reason)
    return Sent(
        row.at,
        row.subject,
        topic.of(row.topic_id),
        words.OUTCOMES[row.outcome],
        told.text,
        words.decided_by(told, row.pack),
        row.evidence_id,
        places.get(row.evidence_id or 0),
    )


def _listed(parts: Iterable[str]) -> str:
    return ("、" if get_language() == "ja" else ", ").join(filter(None, parts))
