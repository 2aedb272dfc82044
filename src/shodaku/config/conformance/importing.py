"""Import cases: each row becomes a list of its own basis, and goes through the importer as any other list."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Final

from shodaku.config.conformance.scratch import Scratch
from shodaku.config.conformance.words import Case, Outcome, UnknownWord, Words, one_of, only
from shodaku.consent import selectors as consents
from shodaku.consent.domain import ConsentState
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts.domain import Channel
from shodaku.imports import services as imports
from shodaku.imports.domain import Basis, RowReason, Verdict
from shodaku.suppression import services as suppression

EVIDENCE: Final = frozenset({"complete", "incomplete", "none"})
# what may go instead of advertising, of the bases that are no consent
_INSTEAD: Final = {RowReason.CARD_NEEDS_CONFIRMATION: "consent_request"}
# the suite has one reason for a row without a basis that can be shown (SE-03, SE-08); the importer tells more
_WITHOUT_BASIS: Final = frozenset(
    {
        RowReason.EVIDENCE_INCOMPLETE,
        RowReason.CUSTOMER_NEEDS_CONSENT,
        RowReason.PUBLISHED_NEEDS_CONSENT,
        RowReason.IMPORT_WITHOUT_BASIS,
    }
)


def answer(case: Case, shop: Scratch) -> Outcome:
    """Of several rows the first that was not taken decides. Raises UnknownWord."""
    only(case.message, (), "message")
    given = only(case.given, {"rows", "suppressed"}, "given")
    rows = given.get("rows")
    if not isinstance(rows, list) or not rows:
        raise UnknownWord(hint="given.rows: a list is needed")
    if given.get("suppressed") is not None:
        _suppress(shop, given["suppressed"])
    outcomes = [
        _bring_in(only(row, {"email", "phone", "basis", "evidence"}, f"given.rows[{place}]"), place, shop)
        for place, row in enumerate(rows)
    ]
    return next((each for each in outcomes if each.verdict != "effect"), outcomes[0])


def _suppress(shop: Scratch, address: object) -> None:
    """What is left of somebody who was erased: a keyed mark."""
    if not isinstance(address, str):
        raise UnknownWord(hint=f"given.suppressed: {address!r}")
    channel = Channel.EMAIL if "@" in address or "＠" in address else Channel.SMS
    pair = suppression.tokens(shop.workspace_id, channel, address)
    suppression.suppress([pair], "erased", now=shop.now)


def _bring_in(row: Words, place: int, shop: Scratch) -> Outcome:
    """Whoever is suppressed stays so under any basis, known to us or not: only then its word is asked for."""
    channel, address = _address(row, place)
    report = imports.bring_in(
        shop.workspace_id,
        io.BytesIO(_list(channel, address).encode()),
        _order(row, place, shop, channel),
        dry_run=False,
        staff_id=None,
        now=shop.now,
    )
    (verdict,) = report.counts
    if verdict is Verdict.SUPPRESSED:  # a report counts those who said no, and names none of them
        return Outcome("refuse", RowReason.ERASED_NEVER_CONTACT)
    if _basis(row) is None:
        raise UnknownWord(hint=f"given.rows[{place}].basis: {row.get('basis')!r}")
    if verdict is Verdict.ACCEPTED:
        return Outcome("effect", RowReason.CONSENT_RECORDED, _states(shop, channel, address))
    (reported,) = report.rows
    instead = {reason.value: form for reason, form in _INSTEAD.items()}.get(reported.reason)
    if instead is not None:
        return Outcome("allow_as", reported.reason, frozenset({instead}))
    waits = reported.reason in {reason.value for reason in _WITHOUT_BASIS}
    return Outcome("refuse", RowReason.IMPORT_WITHOUT_BASIS if waits else reported.reason)


def _address(row: Words, place: int) -> tuple[Channel, str]:
    named = [(_CHANNELS[word], row[word]) for word in _CHANNELS if row.get(word) is not None]
    if len(named) != 1 or not isinstance(named[0][1], str):
        raise UnknownWord(hint=f"given.rows[{place}]: one address is needed")
    channel, address = named[0]
    return channel, address


def _list(channel: Channel, address: str) -> str:
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow([_HEADINGS[channel]])
    writer.writerow([address])
    return sheet.getvalue()


def _order(row: Words, place: int, shop: Scratch, channel: Channel) -> imports.ImportOrder:
    basis = _basis(row) or Basis.NONE
    said = row.get("evidence", basis is Basis.CONSENT)  # of a consent it is complete unless told otherwise
    evidence = one_of(
        "complete" if said is True else said or "none", EVIDENCE, f"given.rows[{place}].evidence"
    )
    return imports.ImportOrder(
        file_name="list.csv",
        basis=basis,
        evidence="" if evidence == "none" else "申込書 棚12",
        evidence_on=shop.now.date() if evidence == "complete" else None,
        topic_id=shop.topic("news"),
        channel=channel,
    )


def _basis(row: Words) -> Basis | None:
    """None of a word that nobody knows."""
    said = row.get("basis") or Basis.NONE.value
    return _BASES.get(said) if isinstance(said, str) else None


def _states(shop: Scratch, channel: Channel, address: str) -> frozenset[str]:
    pair = suppression.tokens(shop.workspace_id, channel, address)
    owner = contacts_known.claimed(shop.workspace_id, channel, [pair.strict]).get(pair.strict)
    held = [] if owner is None else consents.held(shop.workspace_id, owner)
    active = any(each.state == ConsentState.ACTIVE and each.channel == channel for each in held)
    return frozenset({"consent_active"} if active else ())


_BASES: Final[Mapping[str, Basis]] = {
    **{each.value: each for each in Basis},
    "purchase": Basis.CUSTOMER,
    "purchased_list": Basis.NONE,
}
_CHANNELS: Final[Mapping[str, Channel]] = {"email": Channel.EMAIL, "phone": Channel.SMS}
_HEADINGS: Final[Mapping[Channel, str]] = {Channel.EMAIL: "メール", Channel.SMS: "携帯電話"}
