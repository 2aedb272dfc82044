"""Record cases: evidence written down, sealed, thrown away, put before a claimant, found altered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from shodaku.accounts import selectors as accounts_known
from shodaku.accounts import services as accounts
from shodaku.accounts.domain import EvidenceRetention
from shodaku.complaints import services as complaints
from shodaku.config.conformance import past, web_people
from shodaku.config.conformance.past import Person
from shodaku.config.conformance.scratch import Scratch
from shodaku.config.conformance.words import DURATION, Case, Outcome, UnknownWord, Words, moment, one_of, only
from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.domain import ConsentState, Method, add_months
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts.domain import Channel
from shodaku.erasure import selectors as erasures
from shodaku.erasure import services as erasure
from shodaku.erasure.services import Sealed
from shodaku.kit import db
from shodaku.kit.ids import uuid7
from shodaku.ledger import selectors as ledger_known
from shodaku.ledger import services as ledger
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.policy.domain import Breach, Deferred, Permit, Reason
from shodaku.signup import services as signup
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Scope

ADDRESS: Final = "a@example.jp"
BEFORE: Final = timedelta(days=1)  # who gets an advertisement had agreed before
MONTHS_MAX: Final = 120  # no evidence is kept longer
ERASE: Final = "erase everything"
DISCLOSURE: Final = "disclosure"
SWITCHES: Final = frozenset(
    (
        *("card_advertising", "relationship", "published_address", "soft_optin"),
        *("implied_consent", "incidental_ads"),
    )
)

_sql = db.Statements("shodaku.config.conformance")


@dataclass(frozen=True, slots=True)
class _Body:
    entry_id: int
    body: bytes


def answer(case: Case, shop: Scratch) -> Outcome:
    """Raises UnknownWord."""
    given = only(case.given, _GIVEN, "given")
    message = only(case.message, {"request", "purge", "ask", "format", "verify"}, "message")
    asked = [ask for named, ask in _ASKS if named(given, message)]
    if len(asked) != 1:
        raise UnknownWord(
            hint="one question is needed: a consent, a request, a purge, a claim, a breach, a check"
        )
    _set_up(given, shop)
    return asked[0](given, message, shop)


def _set_up(given: Words, shop: Scratch) -> None:
    settings = only(given.get("settings"), {*SWITCHES, "evidence_retention"}, "given.settings")
    retention = one_of(
        settings.get("evidence_retention", "default"),
        set(EvidenceRetention),
        "given.settings.evidence_retention",
    )
    accounts.change_retention(shop.workspace_id, EvidenceRetention(retention))
    accounts.declare_mail_order(shop.workspace_id, on=bool(given.get("b2c_mail_order", False)))
    if "order_under_art7" in given:
        order = only(given["order_under_art7"], {"at"}, "given.order_under_art7")
        at = moment(order.get("at", "PT0S"), shop.now, "given.order_under_art7.at")
        erasure.record_order(shop.workspace_id, at=at, by="conformance", now=shop.now)


def _record(given: Words, _message: Words, shop: Scratch) -> Outcome:
    contact_id = shop.contact(email=ADDRESS)
    written = _write_down(given, shop, contact_id, shop.now)
    if isinstance(written, signup.Incomplete):
        return Outcome("refuse", written.reason)
    return Outcome("effect", written.reason, _active(shop, contact_id))


def _active(shop: Scratch, contact_id: int) -> frozenset[str]:
    held = consents.held(shop.workspace_id, contact_id)
    return frozenset({"consent_active"} if any(each.state == ConsentState.ACTIVE for each in held) else ())


def _write_down(
    given: Words, shop: Scratch, contact_id: int, at: datetime
) -> signup.Recorded | signup.Incomplete:
    """Somebody writes a consent down: what is null or false is missing, what is not named is there.

    Time and wording decide, of a page its address, of paper its scan (LAW.md section 7); the rest of the
    evidence set is there in any case.
    """
    said = only(given["consent"], _PARTS, "given.consent")
    topic_id = shop.topic("news")
    told = signup.ToldConsent(
        contact_id=contact_id,
        topic_ids=(topic_id,),
        method=_method(said),
        at=_time(said, shop, at),
        wording=_text(said, "wording", "お便りを受け取ります。") or "",
        by=_text(said, "by", "staff:1") or "staff:1",
        url=_text(said, "url", "https://a.example/join"),
        scan_sha256=_scan(said),
        purposes=("marketing",),
        ip=_text(said, "ip", "192.0.2.1"),
    )
    return signup.record_told_consent(shop.workspace_id, told, now=shop.now)


def _have(said: Words, part: str) -> bool:
    return said.get(part, True) not in (None, False)


def _text(said: Words, part: str, present: str) -> str | None:
    if not _have(said, part):
        return None
    value = said.get(part, True)
    return value if isinstance(value, str) else present


def _method(said: Words) -> Method:
    """Without one, what somebody of the shop tells: neither a page nor paper can be asked for."""
    if not _have(said, "method"):
        return Method.STAFF
    value = said.get("method", "web")
    if value is True:
        return Method.WEB_SINGLE
    if isinstance(value, str) and value in set(Method):
        return Method(value)
    return _METHODS[one_of(value, _METHODS, "given.consent.method")]


def _time(said: Words, shop: Scratch, at: datetime) -> datetime | None:
    named = said.get("time", said.get("at", True))
    if named in (None, False):
        return None
    duration = isinstance(named, str) and DURATION.fullmatch(named) is not None
    return (
        moment(named, shop.now, "given.consent.time") if duration else at
    )  # else it is there, and that is all


def _scan(said: Words) -> str | None:
    """Of paper the scan, which must be there; of anything else a screenshot, which decides nothing."""
    usual = "a page as it was shown"
    on_paper = _method(said) in (Method.PAPER, Method.CARD)
    shown = _text(said, "scan", usual) if on_paper else _text(said, "screenshot", usual) or usual
    return hashlib.sha256(shown.encode()).hexdigest() if shown else None


def _erase(given: Words, _message: Words, shop: Scratch) -> Outcome:
    workspace_id, contact_id = shop.workspace_id, _somebody(given, shop)
    receipt = optout.opt_out(
        OptOut(workspace_id=workspace_id, contact_id=contact_id, scope=OptOutScope.ERASE, via=Method.PAGE),
        shop.now,
    )
    progress = erasures.by_receipt(workspace_id, receipt.number)
    if progress is None:
        raise LookupError("an erasure that was asked for is not known")
    chance = hashlib.sha256(receipt.number.encode()).digest()
    erasure.forget(workspace_id, progress.erasure_id, now=shop.now, event_id=uuid7(shop.now, chance))
    states = {
        "profile_erased": _unreadable(shop, contact_id),
        "suppression_kept": _suppressed(shop),
        **{_sealed_until(each, shop): True for each in _sealed(shop)},
    }
    return Outcome(
        "effect", Reason.ERASED_WITH_SEALED_EVIDENCE, frozenset(state for state, so in states.items() if so)
    )


def _unreadable(shop: Scratch, contact_id: int) -> bool:
    known = contacts_known.contact(shop.workspace_id, contact_id)
    return known is None and not erasures.remains(shop.workspace_id, contact_id)


def _suppressed(shop: Scratch) -> bool:
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, ADDRESS)
    return pair.strict in suppressions.suppressed(shop.workspace_id, [pair])


def _sealed(shop: Scratch) -> list[Sealed]:
    return erasures.sealed_of(shop.workspace_id, Channel.EMAIL, ADDRESS)


def _sealed_until(sealed: Sealed, shop: Scratch) -> str:
    """The date in the words of the suite; it is one if the key is there before it, and gone at it."""
    at = sealed.destroy_after
    erasure.destroy_due(shop.workspace_id, now=at - timedelta(seconds=1))
    kept = sealed in _sealed(shop)
    erasure.destroy_due(shop.workspace_id, now=at)
    return (
        f"sealed_until={_after_last_ad(sealed, shop)}" if kept and sealed not in _sealed(shop) else "sealed"
    )


def _after_last_ad(sealed: Sealed, shop: Scratch) -> str:
    here = accounts_known.retention(shop.workspace_id)
    zone = here.zone if here else shop.now.tzinfo
    last = sealed.last_sent_at.astimezone(zone)
    months = next((n for n in range(MONTHS_MAX + 1) if add_months(last, n) == sealed.destroy_after), None)
    if months is None:
        return sealed.destroy_after.isoformat()
    return f"last_ad+P{months}M" if months % 12 else f"last_ad+P{months // 12}Y"


def _purge(given: Words, _message: Words, shop: Scratch) -> Outcome:
    contact_id = _somebody(given, shop)
    reason = erasure.purge_evidence(shop.workspace_id, contact_id, now=shop.now)
    if reason is not Reason.PURGED:
        return Outcome("refuse", reason)
    left = _consent_entries(shop, contact_id)
    return Outcome("no_effect" if left else "effect", reason)


def _claim(given: Words, _message: Words, shop: Scratch) -> Outcome:
    claimer = only(given.get("claimer"), {"says"}, "given.claimer")
    contact_id = _somebody(given, shop)
    says = str(claimer.get("says", ""))
    pack = complaints.answer_claim(shop.workspace_id, ADDRESS, says, shop.now, by="complaint desk")
    refused = any(each.scope is Scope.ALL for each in suppressions.refusals(shop.workspace_id, contact_id))
    states = {"bundle_complete": not pack.missing, "refusal_all": refused}
    return Outcome(
        "effect" if refused else "no_effect",
        pack.reason,
        frozenset(state for state, so in states.items() if so),
    )


def _disclose(given: Words, _message: Words, shop: Scratch) -> Outcome:
    contact_id = _somebody(given, shop)
    handed_over = {
        "from": "co_registration",
        "names_sender": True,
        "evidence": "complete",
        "provision_record": True,
    }
    past.write(_person(shop, contact_id), [{"import": {**handed_over, "at": "-P60D"}}], shop.now)
    told = complaints.disclose(shop.workspace_id, ADDRESS, shop.now, by="complaint desk")
    read = json.loads(json.dumps(told.content))
    states = {
        "machine_readable": bool(told.known and read.get("records") and read.get("evidence")),
        "provision_records_included": bool(read.get("provision_records", {}).get("received")),
    }
    return Outcome("effect", told.reason, frozenset(state for state, so in states.items() if so))


def _breach(given: Words, _message: Words, shop: Scratch) -> Outcome:
    said = only(
        given["breach"], {"people", "cause", "encrypted", "sensitive", "property_damage"}, "given.breach"
    )
    breach = Breach(
        people=_people(said.get("people", 1)),
        cause=str(said.get("cause", "")),
        sensitive=bool(said.get("sensitive", False)),
        property_damage=bool(said.get("property_damage", False)),
        encrypted=bool(said.get("encrypted", False)),
    )
    due = complaints.record_breach(shop.workspace_id, breach, shop.now, by="complaint desk").duties
    if due.prompt_by is None or due.final_by is None:
        return Outcome("no_effect", due.reason)
    first = shop.now.date() - timedelta(days=1)
    states = {
        f"prompt_within_{(due.prompt_by - first).days}_days",
        f"final_within_{(due.final_by - first).days}_days",
    }
    return Outcome("effect", due.reason, frozenset(states | ({"notify_persons"} if due.notify else set())))


def _people(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise UnknownWord(hint=f"given.breach.people: {value!r}")
    return value


def _verify(given: Words, _message: Words, shop: Scratch) -> Outcome:
    """The whole log is read again; then the gate is asked about the person whose consent rests on it.

    Asked is the log: where it is found altered and the gate stops, a refusal beside it is not the answer.
    """
    said = only(given.get("ledger"), {"entry_changed"}, "given.ledger")
    contact_id = _somebody(given, shop)
    entries = _consent_entries(shop, contact_id)
    if entries and said.get("entry_changed", False):
        _forge(contact_id, entries[-1])
    found = consent.audit(shop.workspace_id, now=shop.now)
    altered = any(
        fault.kind is ledger_known.FaultKind.BODY_CHANGED and fault.number in entries
        for fault in found.faults
    )
    match web_people.gate(shop, contact_id):
        case Permit(reason=reason):
            return Outcome("allow", reason.value)
        case _ if altered:
            return Outcome("refuse", Reason.LEDGER_TAMPERED.value)
        case Deferred(reason=reason):
            return Outcome("defer", reason.value)
        case refused:
            return Outcome("refuse", refused.reason.value)


def _consent_entries(shop: Scratch, contact_id: int) -> list[int]:
    """What the consent rests on, oldest first."""
    return [
        each.entry_id
        for each in ledger_known.history(shop.workspace_id, contact_id)
        if each.kind.startswith("consent.")
    ]


def _forge(contact_id: int, entry_id: int) -> None:
    """Another body is put in the place of this entry's."""
    bodies = _sql.rows("read_body", _Body, contact_id=contact_id)
    ledger.forget(contact_id)  # the application's own way to take bodies out: the eraser's
    for each in bodies:
        changed = each.entry_id == entry_id
        body = bytes([*each.body[:-1], each.body[-1] ^ 1]) if changed else each.body
        _sql.run("forge_body", contact_id=contact_id, entry_id=each.entry_id, body=body)


def _somebody(given: Words, shop: Scratch) -> int:
    """Who the case is about, with a consent of their own unless it says how that was written down."""
    sent = [moment(given[word], shop.now, f"given.{word}") for word in _SENT if given.get(word) is not None]
    agreed_at = min([add_months(shop.now, -1), *(at - BEFORE for at in sent)])
    if "consent" not in given:
        contact_id = web_people.reader(shop, ADDRESS, agreed_at)
    else:
        contact_id = shop.contact(email=ADDRESS)
        if given["consent"] is not None:
            _write_down(given, shop, contact_id, agreed_at)
    facts: list[Any] = [  # Any: the words of a situation
        {"sent": {"at": given[word]}} for word in _SENT if given.get(word) is not None
    ]
    if given.get("refusal_at") is not None:
        facts.append({"refusal": {"at": given["refusal_at"]}})
    past.write(_person(shop, contact_id), facts, shop.now)
    return contact_id


def _person(shop: Scratch, contact_id: int) -> Person:
    return Person(shop, contact_id, ADDRESS, "news", Channel.EMAIL.value)


def _requested(given: Words, message: Words, what: str) -> bool:
    named = [each["request"] for each in (given, message) if each.get("request") is not None]
    for request in named:
        one_of(request, {ERASE, DISCLOSURE}, "request")
    return what in named


_Ask = Callable[[Words, Words, Scratch], Outcome]
_ASKS: Final[tuple[tuple[Callable[[Words, Words], bool], _Ask], ...]] = (
    (lambda given, _: "breach" in given, _breach),
    (lambda given, message: "ledger" in given or bool(message.get("verify")), _verify),
    (lambda given, message: _requested(given, message, ERASE), _erase),
    (lambda given, message: _requested(given, message, DISCLOSURE), _disclose),
    (lambda _, message: bool(message.get("purge")), _purge),
    (lambda given, message: "claimer" in given or "ask" in message, _claim),
    (lambda given, message: given.get("consent") is not None and not message, _record),
)
_SENT: Final = ("last_ad_sent", "last_send")
_GIVEN: Final = frozenset(
    (
        *("consent", "refusal_at", *_SENT, "b2c_mail_order", "settings", "order_under_art7"),
        *("claimer", "request", "breach", "ledger"),
    )
)
_PARTS: Final = frozenset(
    (
        *("time", "at", "method", "wording", "url", "scan", "screenshot", "topics", "frequency"),
        *("purpose", "purposes", "identity", "ip", "policy_version", "by"),
        *("version", "wording_version", "shown"),
    )
)
_METHODS: Final[Mapping[str, Method]] = {
    "web": Method.WEB_SINGLE,
    "web_form": Method.WEB_SINGLE,
    "form": Method.WEB_SINGLE,
    "online": Method.WEB_SINGLE,
    "web_single": Method.WEB_SINGLE,
    "web_double": Method.WEB_DOUBLE,
    "double_opt_in": Method.WEB_DOUBLE,
    "paper": Method.PAPER,
    "paper_form": Method.PAPER,
    "telephone": Method.TELEPHONE,
    "phone": Method.TELEPHONE,
    "call": Method.TELEPHONE,
    "oral": Method.STAFF,
    "in_person": Method.STAFF,
    "card": Method.CARD,
    "business_card": Method.CARD,
    "staff": Method.STAFF,
    "import": Method.IMPORT,
    "api": Method.API,
    "email": Method.REPLY,
    "sms": Method.SMS,
}
