"""What came to the desk, and all that is known of one person, in their words and in ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from shodaku.complaints.domain import Ground, SentMail, ShownAct, texts
from shodaku.complaints.known_cases import (
    CASE_PAGE_ROWS,
    UNFINISHED,
    CaseCounts,
    CaseMonth,
    case,
    case_counts,
    case_months,
    cases,
    cases_of,
    steps,
)
from shodaku.complaints.own_record import (
    OwnRecord,
    RequestRow,
    own_record,
    record_without_words,
    requests_of,
)
from shodaku.complaints.rights import (
    DUE_SOON,
    DataRequest,
    Urgency,
    refuse_lengthening,
    refuse_refusing,
    urgency,
)
from shodaku.consent import selectors as consents
from shodaku.consent.domain import BasisKind, Method
from shodaku.delivery import selectors as deliveries
from shodaku.delivery.domain import Result
from shodaku.erasure import selectors as erasures
from shodaku.imports import selectors as imports
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.policy.domain import answer_clock, answer_clocks

SHOWN_ROWS_MAX: Final = 200

__all__ = [
    "CASE_PAGE_ROWS",
    "SHOWN_ROWS_MAX",
    "UNFINISHED",
    "CaseCounts",
    "CaseMonth",
    "Complaint",
    "OwnRecord",
    "RequestCounts",
    "acts",
    "case",
    "case_counts",
    "case_months",
    "cases",
    "cases_of",
    "complaints",
    "data_request",
    "data_requests",
    "grounds",
    "may_lengthen",
    "may_refuse",
    "own_record",
    "record_of",
    "record_without_words",
    "request_counts",
    "requests_of",
    "sent",
    "steps",
    "urgency_of",
]

_sql = db.Statements("shodaku.complaints")


@dataclass(frozen=True, slots=True)
class Complaint:
    complaint_id: int
    kind: str
    found: bool
    entry_id: int | None
    at: datetime


def complaints(workspace_id: int) -> list[Complaint]:
    """Newest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_complaints", Complaint, rows_max=SHOWN_ROWS_MAX)


@dataclass(frozen=True, slots=True)
class RequestCounts:
    """Of those that need an answer; `standing` are in neither of the two that press."""

    open: int
    late: int
    due_soon: int
    standing: int


def data_requests(
    workspace_id: int, *, only_open: bool = False, skip: int = 0, rows_max: int = SHOWN_ROWS_MAX
) -> list[DataRequest]:
    """What people asked about their own data: the earliest due first, then what has ended."""
    with db.transaction(workspace_id):
        rows = _sql.rows("list_requests", RequestRow, only_open=only_open, skip=skip, rows_max=rows_max)
    return [each.value for each in rows]


def data_request(workspace_id: int, request_id: int) -> DataRequest | None:
    with db.transaction(workspace_id):
        row = _sql.row("get_request", RequestRow, request_id=request_id)
    return row.value if row else None


def request_counts(workspace_id: int, now: datetime) -> RequestCounts:
    stopping = [code for code, clock in answer_clocks().items() if clock.identity_stops]
    with db.transaction(workspace_id):
        found = _sql.row(
            "count_urgent_requests", RequestCounts, now=now, soon=now + DUE_SOON, stopping=stopping
        )
    return found or RequestCounts(0, 0, 0, 0)


def urgency_of(request: DataRequest, now: datetime) -> Urgency:
    return urgency(request, answer_clock(request.jurisdiction), now)


def may_lengthen(request: DataRequest, now: datetime) -> bool:
    return refuse_lengthening(request, answer_clock(request.jurisdiction), now) is None


def may_refuse(request: DataRequest) -> bool:
    return refuse_refusing(request) is None


def acts(workspace_id: int, contact_id: int) -> tuple[ShownAct, ...]:
    """What the ledger holds of the person's consents and refusals, oldest first. Raises VaultAway."""
    titles = {str(each.topic_id): each.name for each in consents.topics(workspace_id)}
    return tuple(
        _shown(workspace_id, entry, titles)
        for entry in ledger.history(workspace_id, contact_id)
        if entry.kind.startswith("consent.") or entry.kind == Kind.REFUSAL
    )


def grounds(workspace_id: int, contact_id: int) -> tuple[Ground, ...]:
    return tuple(Ground(each.kind, each.at, each.note) for each in consents.bases(workspace_id, contact_id))


def sent(workspace_id: int, contact_id: int) -> tuple[SentMail, ...]:
    """What left, or may have, newest first."""
    left = (Result.ACCEPTED, Result.UNCERTAIN)
    return tuple(
        SentMail(each.at, each.subject, each.outcome, each.evidence_id)
        for each in deliveries.sent_to(workspace_id, contact_id)
        if each.outcome in left
    )


def record_of(workspace_id: int, contact_id: int) -> dict[str, Any]:  # Any: JSON
    """Every row about the person, every entry opened, and where their data came from. Raises VaultAway."""
    entries = ledger.history(workspace_id, contact_id)
    return {
        "records": erasures.rows_about(workspace_id, contact_id),
        "evidence": [
            {"entry": each.entry_id, "kind": each.kind, "hash": each.hash, "fields": each.fields}
            for each in entries
        ],
        "provision_records": {  # 個人情報保護法33条5項: those of giving and of receiving
            "received": [*_listed(workspace_id, contact_id), *_imported(entries)],
            "provided": [],  # to nobody: who carries our mail is entrusted (27条5項1号)
        },
    }


def _shown(workspace_id: int, entry: ledger.Entry, titles: Mapping[str, str]) -> ShownAct:
    fields = entry.fields or {}
    sha256 = _text(fields.get("wording_sha256"))
    kept = consents.wording_by_sha256(workspace_id, sha256) if sha256 else None
    version = fields.get("wording_version")
    return ShownAct(
        number=entry.entry_id,
        kind=entry.kind,
        proof_hash=entry.hash,
        at=datetime.fromisoformat(str(fields["at"])) if "at" in fields else None,
        method=_text(fields.get("method")),
        url=_text(fields.get("url")),
        scan_sha256=_text(fields.get("form_sha256")),
        kept_where=_text(fields.get("evidence")),
        wording_version=version if isinstance(version, int) else None,
        wording_sha256=sha256,
        wording=kept.text if kept else _text(fields.get("wording")),
        topics=tuple(_titles(fields, titles)),
        frequency=texts(fields.get("frequency")),
        purposes=texts(fields.get("purpose")),
    )


def _titles(fields: Mapping[str, Value], titles: Mapping[str, str]) -> Iterator[str]:
    """An entry holds the titles that were shown; one of a list or of a clock the numbers alone."""
    shown = texts(fields.get("topics"))
    return iter(shown) if fields.get("topic_ids") else (titles.get(each, each) for each in shown)


def _text(value: Value | None) -> str | None:
    return value if isinstance(value, str) and value else None


def _listed(workspace_id: int, contact_id: int) -> list[dict[str, Any]]:  # Any: JSON
    """What others handed over: lists that the person stood in, and consents that somebody else collected."""
    found = []
    for basis in consents.bases(workspace_id, contact_id):
        batch = imports.batch(workspace_id, basis.batch_id) if basis.batch_id is not None else None
        if batch is None and basis.kind != BasisKind.THIRD_PARTY:
            continue
        found.append(
            {
                "received_at": (batch.created_at if batch else basis.at).isoformat(),
                "basis": basis.kind,
                "evidence": batch.evidence if batch else basis.note,
                "evidence_on": batch.evidence_on.isoformat() if batch and batch.evidence_on else None,
                "entry": batch.entry_id if batch else None,
            }
        )
    return found


def _imported(entries: list[ledger.Entry]) -> list[dict[str, Any]]:  # Any: JSON
    """Consents that somebody else collected, each with what was declared about it."""
    return [
        {
            "received_at": each.fields.get("imported_at"),
            "basis": "consent",
            "evidence": each.fields.get("evidence"),
            "wording": each.fields.get("wording"),
            "entry": each.entry_id,
        }
        for each in entries
        if each.fields and each.fields.get("method") == Method.IMPORT.value
    ]
