"""A sheet is read for certain: it becomes the person's consent with its scan, or nothing of it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from shodaku.consent import selectors as consents
from shodaku.consent.domain import ConsentState, Method
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel, EmailAddress, parse_email, search_key, split_name
from shodaku.contacts.services import ContactGone
from shodaku.kit import db
from shodaku.kit.errors import WrongUse
from shodaku.ledger.domain import Value
from shodaku.signup import selectors
from shodaku.signup.asking import asked_not_to, everywhere, may_mail_to, needs_proof, plan_question
from shodaku.signup.domain import OfferedTopic, Shown
from shodaku.signup.paper_known import PaperSheet, Reading, open_scan
from shodaku.signup.paper_sheets import Sheet, is_withdrawn, sheet
from shodaku.signup.recording import Incomplete, ToldConsent, record_told_consent
from shodaku.signup.sending import greet, sha256_of, zone
from shodaku.signup.sheet_code import SheetCode, printed_code
from shodaku.signup.sheets import Keyed, SheetState
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Tokens

NEVER: Final = "never_contact"  # the person said so on the day of the paper, or later
BLOCKED: Final = "blocked"  # the house lets no mail go to this domain or form of addresses
TAKEN_BACK: Final = "words_withdrawn"  # what was printed was wrong: nobody agrees to it any more
ASK_ROWS_MAX: Final = 500
ASK_DAYS_MAX: Final = 90  # a paper that could not be asked about for so long is asked about no more

_sql = db.Statements("shodaku.signup")


class ProofMissing(WrongUse):
    """Part of what proves this consent is missing; nothing was recorded."""

    code = "proof_missing"


@dataclass(frozen=True, slots=True)
class Settled:
    state: SheetState  # recorded or refused
    reason: str | None = None  # NEVER, BLOCKED, TAKEN_BACK
    contact_id: int | None = None
    entry_id: int | None = None
    asked: bool = False  # a mail asks for confirmation
    asks_later: bool = False  # it will: this address got such a mail a short while ago


def settle(workspace_id: int, paper: PaperSheet, looks: Sequence[Reading], *, now: datetime) -> Settled:
    """In the open transaction, under the sheet's lock. Raises ContactGone, VaultAway, FileBroken."""
    keyed = _agreed(looks)
    address = parse_email(keyed.address)
    code = keyed.code or paper.code
    shown = selectors.shown(workspace_id, code.form_id, code.version, code.language)
    if shown is None or keyed.signed_on is None:
        raise ProofMissing
    if is_withdrawn(workspace_id, code):
        return end(paper.sheet_id, SheetState.REFUSED, reason=TAKEN_BACK, now=now)
    signed_at = _beginning(workspace_id, keyed.signed_on)
    if suppression.blocked(workspace_id, [address.address]):
        return end(paper.sheet_id, SheetState.REFUSED, reason=BLOCKED, now=now)
    pair = suppression.tokens(workspace_id, Channel.EMAIL, address.address)
    marks = suppressions.suppressed(workspace_id, [pair])
    if any(mark.at >= signed_at for mark in marks.values()):
        return end(paper.sheet_id, SheetState.REFUSED, reason=NEVER, now=now)
    picture = open_scan(workspace_id, paper)
    free = may_mail_to(address.address, now)
    contact_id = _owner(workspace_id, paper, keyed, address, pair, shown, now)
    topics = shown.published.chosen(keyed.topic_ids)
    told = _told(workspace_id, contact_id, keyed, sheet(workspace_id, code), shown, topics, paper, looks)
    answer = record_told_consent(workspace_id, told, now=now, picture=picture)
    if isinstance(answer, Incomplete):
        raise ProofMissing(hint=", ".join(answer.missing))
    to_ask = _to_ask(workspace_id, contact_id, address.address, topics, now)
    if to_ask and free and not asked_not_to(contact_id, now):
        _ask(contact_id, address.address, shown, to_ask, answer.entry_id, told, now)
        to_ask, asked = [], True
    else:
        asked = False
        if free and not to_ask:
            greet(workspace_id, contact_id, topics, shown.language, now)
            _count(address.address, now)
    return end(
        paper.sheet_id,
        SheetState.RECORDED,
        contact_id=contact_id,
        entry_id=answer.entry_id,
        code=code,
        to_ask=[topic.topic_id for topic in to_ask],
        asked=asked,
        now=now,
    )


def ask_due(workspace_id: int, *, now: datetime) -> int:
    """Confirmations that could not be asked for when their sheet was settled; how many are asked for now."""
    with db.transaction(workspace_id):
        rows = _sql.rows("list_papers_to_ask", _ToAsk, rows_max=ASK_ROWS_MAX)
    return sum(suppression.with_fresh_pepper(partial(_ask_later, workspace_id, row, now)) for row in rows)


def end(
    sheet_id: int,
    state: SheetState,
    *,
    now: datetime,
    reason: str | None = None,
    contact_id: int | None = None,
    entry_id: int | None = None,
    code: SheetCode | None = None,
    to_ask: Sequence[int] = (),
    asked: bool = False,
) -> Settled:
    """Under the sheet's lock, in the open transaction: scan and readings are gone from here."""
    _sql.run("delete_paper_readings", sheet_id=sheet_id)
    _sql.run(
        "settle_paper_sheet",
        sheet_id=sheet_id,
        state=state,
        reason=reason,
        contact_id=contact_id,
        entry_id=entry_id,
        form_id=code.form_id if code else None,
        version=code.version if code else None,
        language=code.language if code else None,
        to_ask=list(to_ask) or None,
        now=now,
    )
    return Settled(state, reason, contact_id, entry_id, asked=asked, asks_later=bool(to_ask))


def _agreed(looks: Sequence[Reading]) -> Keyed:
    """The last look decides on address and ticks; all else is as the first one has it."""
    first, last = looks[0].keyed, looks[-1].keyed
    return Keyed(
        address=last.address,
        topic_ids=last.topic_ids,
        name=first.name,
        signed_on=first.signed_on,
        shop=first.shop,
        clerk=first.clerk,
        code=first.code,
    )


def _owner(
    workspace_id: int,
    paper: PaperSheet,
    keyed: Keyed,
    address: EmailAddress,
    pair: Tokens,
    shown: Shown,
    now: datetime,
) -> int:
    """Whose address it is, locked; the person to be, if it is nobody's. Raises ContactGone."""
    owner = contacts_known.claimed(workspace_id, Channel.EMAIL, [pair.strict]).get(pair.strict)
    if owner is None:
        family_name, given_name = split_name(keyed.name)
        owner = contacts.remember(
            contacts.NewContact(
                contact_id=paper.key_id,
                address=contacts.NewAddress(
                    Channel.EMAIL,
                    address.address,
                    address.key,
                    address.wire,
                    pair.strict,
                    pair.broad,
                    pair.epoch,
                ),
                source="paper",
                family_name=family_name,
                given_name=given_name,
                search_key=search_key(keyed.name),
                locale=shown.language,
            ),
            now=now,
        )
    contacts.lock(owner)
    return owner


def _told(
    workspace_id: int,
    contact_id: int,
    keyed: Keyed,
    printed: Sheet,
    shown: Shown,
    topics: Sequence[OfferedTopic],
    paper: PaperSheet,
    looks: Sequence[Reading],
) -> ToldConsent:
    sender = shown.published.sender
    more: dict[str, Value] = {
        "policy_version": sender.privacy_policy_version,
        "name": keyed.name,
        "paper": printed_code(workspace_id, printed.code),
        "place": keyed.shop,
        "clerk": keyed.clerk,
        "checked_by": [f"staff:{look.staff_id}" for look in looks[1:]],
        "original": f"{paper.shelf} / {paper.batch_id}-{paper.number}",
        "original_until": paper.destroy_on.isoformat(),
    }
    return ToldConsent(
        contact_id=contact_id,
        topic_ids=tuple(topic.topic_id for topic in topics),
        method=Method.PAPER,
        at=_beginning(workspace_id, keyed.signed_on or date.max),
        wording=printed.wording.text,
        by=f"staff:{looks[0].staff_id}",
        purposes=tuple(dict.fromkeys(topic.purpose for topic in topics)),
        policy_sha256=sha256_of(sender.privacy_policy),
        more={name: value for name, value in more.items() if value not in ("", [])},
    )


def _to_ask(
    workspace_id: int, contact_id: int, address: str, topics: Sequence[OfferedTopic], now: datetime
) -> list[OfferedTopic]:
    """What the owner of the address has to confirm before the first issue, and has not yet."""
    refusals = suppressions.refusals(workspace_id, contact_id)
    confirmed = {
        held.topic_id
        for held in consents.held(workspace_id, contact_id)
        if held.channel == Channel.EMAIL and held.state == ConsentState.ACTIVE and held.confirmed
    }
    return [
        topic
        for topic in topics
        if topic.topic_id not in confirmed and needs_proof(workspace_id, address, topic, refusals, now)
    ]


def _ask(
    contact_id: int,
    address: str,
    shown: Shown,
    topics: Sequence[OfferedTopic],
    entry_id: int,
    told: ToldConsent,
    now: datetime,
) -> None:
    plan_question(
        contact_id,
        shown,
        topics,
        entry_id,
        wording_sha256=sha256_of(told.wording),
        at=told.at or now,  # the person's own act: a no that came later is not overruled by the paper
        now=now,
    )
    _count(address, now)


def _count(address: str, now: datetime) -> None:
    _sql.run("insert_throttle", token=everywhere(address), now=now)


def _ask_later(workspace_id: int, row: _ToAsk, now: datetime) -> bool:
    with db.transaction(workspace_id):
        known = next(
            (
                each.value
                for each in contacts_known.addresses(workspace_id, row.contact_id)
                if each.channel == Channel.EMAIL
            ),
            None,
        )
        if known is None or not may_mail_to(known, now):
            return False
        try:
            contacts.lock(row.contact_id)
        except ContactGone:
            return False
        if asked_not_to(row.contact_id, now):
            return False
        given = [
            event for event in consents.events(workspace_id, row.contact_id) if event.entry_id == row.entry_id
        ]
        shown = selectors.shown(workspace_id, row.form_id, row.version, row.language)
        _sql.run("end_paper_asking", sheet_id=row.sheet_id)
        code = SheetCode(row.form_id, row.version, row.language)
        if not given or shown is None or now - given[0].at > timedelta(days=ASK_DAYS_MAX):
            return False
        if is_withdrawn(workspace_id, code):
            return False  # the page behind the mail would take nothing
        live = {held.topic_id for held in consents.held(workspace_id, row.contact_id) if _waits(held)}
        topics = [topic for topic in shown.published.chosen(row.to_ask) if topic.topic_id in live]
        if not topics:
            return False
        plan_question(
            row.contact_id,
            shown,
            topics,
            row.entry_id,
            wording_sha256=row.wording_sha256,
            at=given[0].at,
            now=now,
        )
        _count(known, now)
        return True


def _waits(held: consents.Held) -> bool:
    return held.channel == Channel.EMAIL and held.state == ConsentState.ACTIVE and not held.confirmed


def _beginning(workspace_id: int, day: date) -> datetime:
    """A paper names a day; it counts from the beginning, by the clock of the workspace."""
    place: ZoneInfo = zone(workspace_id)
    return datetime.combine(day, time(0), place)


@dataclass(frozen=True, slots=True)
class _ToAsk:
    sheet_id: int
    contact_id: int
    entry_id: int
    to_ask: list[int]
    form_id: int
    version: int
    language: str
    wording_sha256: str
