"""People and their addresses are remembered, locked and forgotten here."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, assert_never

from psycopg.types.json import Jsonb

from shodaku.contacts.domain import (
    PRODUCTS_MAX,
    Channel,
    ContactKind,
    NewCouponUse,
    NewProduct,
    Residence,
    residence_of,
)
from shodaku.contacts.newcomers import Newcomer, Newcomers, newcomers, remember_newcomers
from shodaku.contacts.search_keys import search_keys
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError, WrongUse

__all__ = ["Newcomer", "Newcomers", "newcomers", "remember_newcomers"]

NOTE_CHARACTERS_MAX: Final = 1_000
NOTES_MAX: Final = 200  # of one person
SKIPPED_IDS_MAX: Final = 100_000_000
_SKIPPED_AT_ONCE: Final = 100_000

_sql = db.Statements("shodaku.contacts")


@dataclass(frozen=True, slots=True)
class CouponUsed:
    code: str
    times: int


class TooManyProducts(WrongUse):
    """A workspace offers at most 1,000 products; archive one that is not sold any more."""

    code = "products_too_many"


class TooManyNotes(WrongUse):
    """At most 200 notes and tasks are kept about one person; remove one that is not needed any more."""

    code = "notes_too_many"


class NoteFault(WrongUse):
    """A note is 1 to 1,000 characters of text."""

    code = "note_fault"


class ContactGone(ShodakuError):
    """The person is no longer known here."""

    code = "contact_gone"


@dataclass(frozen=True, slots=True)
class NewAddress:
    """An address with its keyed tokens (suppression.services.tokens makes them; the pepper is not ours)."""

    channel: Channel
    value: str
    key: str
    wire: str
    token: bytes
    broad_token: bytes
    pepper_epoch: int | None = 1  # of the tokens; another one than the workspace's is refused


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContact:
    contact_id: int  # from reserve_ids: the person's key exists before the row does
    address: NewAddress
    source: str
    family_name: str = ""
    given_name: str = ""
    kana: str = ""
    company: str = ""
    search_key: str = ""  # folded: what else than names finds the person by a part
    locale: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    country: Residence | None = None  # None: as the language or the number tells, if they do


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPurchase:
    contact_id: int
    product_id: int
    title: str  # the product as it was called
    amount_yen: int
    at: datetime
    reference: str  # a second purchase of the person with it is the same one
    currency: str = "JPY"
    paid: Decimal | None = None  # in another currency than yen


def reserve_ids(count: int) -> list[int]:
    """Numbers for people who are not rows yet; a number that is never used harms nobody."""
    with db.transaction(None):
        return _sql.scalars("reserve_ids", count=count)


def skip_ids(upto: int) -> bool:
    """No number up to this one is given out from now on; False if that was so already.

    At most `SKIPPED_IDS_MAX` further than the last one that was given: more of them are no numbers of ours.
    """
    last = last_id()
    left = min(upto, last + SKIPPED_IDS_MAX) - last
    for first in range(0, left, _SKIPPED_AT_ONCE):
        reserve_ids(min(left - first, _SKIPPED_AT_ONCE))
    return left > 0


def last_id() -> int:
    """The highest number of a contact that was given out so far."""
    with db.transaction(None):
        last: int = _sql.scalar("get_last_id")
        return last


def remember(contact: NewContact, *, now: datetime) -> int:
    """Insert in the open transaction; the id of who owns the address, which is another one if it was known
    already.
    """
    return remember_many([contact], now=now)[0]


def remember_many(contacts: Sequence[NewContact], *, now: datetime) -> list[int]:
    """As `remember`, for a list; ids in its order. Addresses claim first, sorted by token, so that two
    imports never deadlock.
    """
    ordered = sorted(contacts, key=lambda contact: contact.address.token)
    addresses = [contact.address for contact in ordered]
    mine = set(
        _sql.scalars(
            "claim_new_addresses",
            channels=db.array(address.channel.value for address in addresses),
            tokens=db.array(address.token for address in addresses),
            epochs=db.array(address.pepper_epoch for address in addresses),
            ids=db.array(contact.contact_id for contact in ordered),
        )
    )
    fresh = [contact for contact in contacts if contact.contact_id in mine]
    if fresh:
        _insert(fresh, now)
    known = _owners([contact.address for contact in contacts if contact.contact_id not in mine])
    return [
        contact.contact_id if contact.contact_id in mine else known[contact.address.token]
        for contact in contacts
    ]


def _owners(addresses: Sequence[NewAddress]) -> dict[bytes, int]:
    """Of addresses that were claimed before, by their tokens."""
    found: dict[bytes, int] = {}
    for channel in {address.channel for address in addresses}:
        tokens = db.array(address.token for address in addresses if address.channel is channel)
        for row in _sql.rows("list_claims", _Owner, channel=channel, tokens=tokens):
            found[row.token] = row.contact_id
    return found


@dataclass(frozen=True, slots=True)
class _Owner:
    token: bytes
    contact_id: int


def _insert(contacts: Sequence[NewContact], now: datetime) -> None:
    residences = [
        each.country or residence_of(each.locale, each.address.channel, each.address.value)
        for each in contacts
    ]
    keys = [
        search_keys(each.family_name, each.given_name, each.kana, each.company, each.search_key)
        for each in contacts
    ]
    _sql.run(
        "insert_contacts",
        ids=db.array(contact.contact_id for contact in contacts),
        family_names=db.array(contact.family_name or None for contact in contacts),
        given_names=db.array(contact.given_name or None for contact in contacts),
        kanas=db.array(contact.kana or None for contact in contacts),
        companies=db.array(contact.company or None for contact in contacts),
        search_keys=db.array(each.whole for each in keys),
        name_keys=db.array(each.name for each in keys),
        given_keys=db.array(each.given for each in keys),
        kana_keys=db.array(each.kana for each in keys),
        given_kana_keys=db.array(each.given_kana for each in keys),
        company_keys=db.array(each.company for each in keys),
        orders=db.array(each.in_order for each in keys),
        locales=db.array(contact.locale for contact in contacts),
        attributes=db.array(_json(contact.attributes) for contact in contacts),
        sources=db.array(contact.source for contact in contacts),
        countries=db.array(each.country if each else None for each in residences),
        countries_from=db.array(each.source.value if each else None for each in residences),
        now=now,
    )
    _insert_addresses(
        [contact.contact_id for contact in contacts], [contact.address for contact in contacts], now
    )


def _json(attributes: Mapping[str, str]) -> str:
    return json.dumps(dict(attributes), ensure_ascii=False) if attributes else "{}"


def _insert_addresses(ids: Sequence[int], addresses: Sequence[NewAddress], now: datetime) -> None:
    _sql.run(
        "insert_addresses",
        ids=db.array(ids),
        channels=db.array(address.channel.value for address in addresses),
        addresses=db.array(address.value for address in addresses),
        keys=db.array(address.key for address in addresses),
        wires=db.array(address.wire for address in addresses),
        tokens=db.array(address.token for address in addresses),
        broad_tokens=db.array(address.broad_token for address in addresses),
        epochs=db.array(address.pepper_epoch for address in addresses),
        now=now,
    )


def add_address(contact_id: int, address: NewAddress, *, now: datetime) -> int:
    """One more way to reach a person, in the open transaction; whose it is: another's, if it was known."""
    (owner,) = _sql.scalars(
        "claim_addresses",
        channels=[address.channel.value],
        tokens=[address.token],
        epochs=[address.pepper_epoch],
        ids=[contact_id],
    )
    if owner == contact_id:
        _insert_addresses([contact_id], [address], now)
    return int(owner)


def describe(
    contact_id: int,
    *,
    country: Residence | None = None,
    kind: ContactKind | None = None,
    birth_date: date | None = None,
    timezone: str | None = None,
    tracking_consent_at: datetime | None = None,
) -> None:
    """What became known of a person, in the open transaction; None leaves as it is.

    A country from a weaker source never replaces one from a better source (LAW.md section 8).
    """
    _sql.run(
        "update_description",
        contact_id=contact_id,
        country=country.country if country else None,
        country_from=country.source.value if country else None,
        kind=kind,
        birth_date=birth_date,
        timezone=timezone,
        tracking_consent_at=tracking_consent_at,
    )


def allow_measuring(contact_id: int, at: datetime) -> None:
    """It may be noted which links of a mail the person follows, and that they open it."""
    _sql.run("update_tracking_consent", contact_id=contact_id, at=at)


def forbid_measuring(contact_id: int) -> None:
    _sql.run("update_tracking_consent", contact_id=contact_id, at=None)


def mark_generated(contact_id: int, channel: Channel) -> None:
    """A program made the address up from a pattern (特定電子メール法6条)."""
    _sql.run("update_generated", contact_id=contact_id, channel=channel)


def lock(contact_id: int) -> None:
    """Hold the person's row until commit: the gate waits for us or we for the bytes on its wire. Raises
    ContactGone.
    """
    if _sql.scalar("lock_contact", contact_id=contact_id) is None:
        raise ContactGone


def lock_many(contact_ids: Sequence[int], *, wait: bool = True) -> set[int]:
    """As `lock`, of several people; who of them is there. Without waiting, whom somebody else holds counts as
    not there.
    """
    statement = "lock_contacts" if wait else "lock_free_contacts"
    return set(_sql.scalars(statement, contacts=db.array(contact_ids)))


def rename(contact_id: int, *, family_name: str, given_name: str, search_key: str) -> None:
    """What the person said of themselves last. Names are stored as typed."""
    named = _sql.row(
        "update_names",
        _Named,
        contact_id=contact_id,
        family_name=family_name or None,
        given_name=given_name or None,
    )
    _find_by(contact_id, named, search_key)


def tell(
    contact_id: int,
    *,
    family_name: str,
    given_name: str,
    kana: str,
    search_key: str,
    attributes: Mapping[str, str],
) -> None:
    """As `rename`, with the reading and with answers by their labels; answers that are not named stay."""
    named = _sql.row(
        "update_told",
        _Named,
        contact_id=contact_id,
        family_name=family_name or None,
        given_name=given_name or None,
        kana=kana or None,
        attributes=Jsonb(dict(attributes)),
    )
    _find_by(contact_id, named, search_key)


def _find_by(contact_id: int, named: _Named | None, more: str) -> None:
    if named is not None:
        keys = search_keys(named.family_name, named.given_name, named.kana, named.company, more)
        _sql.run("update_search", contact_id=contact_id, **keys._asdict())


class Told(StrEnum):
    """What is told of a person and two contacts of one person may tell differently."""

    NAME = "name"  # family and given name are one thing
    KANA = "kana"
    COMPANY = "company"
    BIRTH_DATE = "birth_date"
    LOCALE = "locale"


def take_over(contact_id: int, other_id: int, told: Collection[Told]) -> dict[Told, str]:
    """Say of one contact what is said of another, in the open transaction and under both locks.

    What stood there before, where it was another; what the other one does not tell stays as it is.
    """
    before = _sql.row("get_told", _ToldRow, contact_id=contact_id)
    if not told or before is None:
        return {}
    named = _sql.row(
        "update_from_other",
        _ToldRow,
        contact_id=contact_id,
        other_id=other_id,
        **{each.value: each in told for each in Told},
    )
    if named is None:
        return {}
    keys = search_keys(named.family_name, named.given_name, named.kana, named.company)
    _sql.run("update_search", contact_id=contact_id, **keys._asdict())
    return {each: before.of(each) for each in Told if before.of(each) != named.of(each)}


def write_note(
    contact_id: int,
    text: str,
    *,
    written_by: int,
    now: datetime,
    due_on: date | None = None,
    whose: int | None = None,
) -> None:
    """In the open transaction, under the person's lock. With a day it is a task, of this member of the staff
    or of anybody. Raises NoteFault, TooManyNotes.
    """
    said = text.strip()
    if not 0 < len(said) <= NOTE_CHARACTERS_MAX or "\0" in said:
        raise NoteFault
    written = _sql.run(
        "insert_note",
        contact_id=contact_id,
        text=said,
        written_by=written_by,
        now=now,
        due_on=due_on,
        whose=whose if due_on is not None else None,
        rows_max=NOTES_MAX,
    )
    if not written:
        raise TooManyNotes


def end_task(contact_id: int, note_no: int, *, now: datetime) -> bool:
    """In the open transaction. False: it was done before, or there is no such task."""
    return _sql.run("update_note_done", contact_id=contact_id, note_no=note_no, now=now) == 1


def remove_note(contact_id: int, note_no: int) -> bool:
    """In the open transaction. False: there is no such note."""
    return _sql.run("delete_note", contact_id=contact_id, note_no=note_no) == 1


def record_purchases(purchases: Sequence[Mapping[str, object]]) -> int:
    """Rows of contact_id, title, amount_yen, at."""
    return _sql.run_many("insert_purchase", [{"workspace_id": db.workspace(), **row} for row in purchases])


def save_product(product: NewProduct, *, now: datetime) -> int:
    """Its id, in the open transaction; a known code is called so from now on. Raises TooManyProducts."""
    product_id: int = _sql.scalar(
        "upsert_product",
        code=product.code,
        name=product.name,
        url=product.url,
        kind=product.kind,
        now=now,
    )
    if _sql.scalar("count_products") > PRODUCTS_MAX:
        raise TooManyProducts
    return product_id


def archive_product(code: str, *, now: datetime) -> bool:
    """In the open transaction. False: it was not offered."""
    return _sql.run("archive_product", code=code, now=now) == 1


def add_purchases(purchases: Sequence[NewPurchase]) -> set[tuple[int, str]]:
    """In the open transaction and under the people's locks: contact and reference of those that are new."""
    rows = _sql.rows(
        "insert_purchases",
        _Bought,
        contacts=db.array(each.contact_id for each in purchases),
        products=db.array(each.product_id for each in purchases),
        titles=[each.title for each in purchases],
        yen=db.array(each.amount_yen for each in purchases),
        currencies=db.array(each.currency for each in purchases),
        paid=[each.paid for each in purchases],
        references=[each.reference for each in purchases],
        times=db.array(each.at for each in purchases),
    )
    return {(row.contact_id, row.reference) for row in rows}


def note_coupon_use(use: NewCouponUse, *, staff_id: int | None, now: datetime) -> bool:
    """In the open transaction. False: that receipt was told before, and nothing was written."""
    columns = {"code": use.code, "used_on": use.used_on, "times": use.times, "same": use.same}
    return _sql.run("insert_coupon_use", staff_id=staff_id, now=now, **columns) == 1


def take_back_coupon_use(use_no: int) -> CouponUsed | None:
    """In the open transaction. None: it is not there any more."""
    return _sql.row("delete_coupon_use", CouponUsed, use_no=use_no)


def mark_invalid(contact_id: int, channel: Channel, reason: str, *, now: datetime) -> bool:
    """The address does not exist (not: the person refuses). False: that was known."""
    return _sql.run("update_invalid", contact_id=contact_id, channel=channel, reason=reason, now=now) == 1


def mark_valid(contact_id: int, channel: Channel) -> bool:
    """The address exists after all. False: nobody had said otherwise."""
    return _sql.run("update_valid", contact_id=contact_id, channel=channel) == 1


def raise_tokens(epoch: int, once_more: Callable[[bytes], bytes], *, rows_max: int) -> int:
    """Give the token of every address and claim its next layer, in the open transaction, in which nobody else
    writes tokens (suppression.peppering); how many addresses.

    Raises LockNotAvailable while somebody holds one.
    """
    raised, after = 0, _PageEnd(0, "", b"")
    while page := _sql.rows(
        "lock_addresses_below", _Tokens, epoch=epoch, contact_id=after.contact_id, channel=after.channel,
        rows_max=rows_max,
    ):  # fmt: skip
        raised += _sql.run(
            "raise_addresses",
            ids=[row.contact_id for row in page],
            channels=[row.channel for row in page],
            tokens=[once_more(row.token) for row in page],
            broad_tokens=[once_more(row.broad_token) for row in page],
            epoch=epoch,
        )
        after = _PageEnd(page[-1].contact_id, page[-1].channel, b"")
    after = _PageEnd(0, "", b"")
    while claims := _sql.rows(
        "lock_claims_below", _Claim, epoch=epoch, channel=after.channel, token=after.token, rows_max=rows_max
    ):
        _sql.run(
            "raise_claims",
            channels=[row.channel for row in claims],
            before=[row.token for row in claims],
            after=[once_more(row.token) for row in claims],
            epoch=epoch,
        )
        after = _PageEnd(0, claims[-1].channel, claims[-1].token)
    return raised


@dataclass(frozen=True, slots=True)
class _Named:
    family_name: str | None
    given_name: str | None
    kana: str | None
    company: str | None


@dataclass(frozen=True, slots=True)
class _ToldRow:
    family_name: str | None
    given_name: str | None
    kana: str | None
    company: str | None
    birth_date: date | None
    locale: str | None

    def of(self, told: Told) -> str:
        match told:
            case Told.NAME:
                return " ".join(filter(None, (self.family_name, self.given_name)))
            case Told.KANA:
                return self.kana or ""
            case Told.COMPANY:
                return self.company or ""
            case Told.BIRTH_DATE:
                return self.birth_date.isoformat() if self.birth_date else ""
            case Told.LOCALE:
                return self.locale or ""
            case unreachable:
                assert_never(unreachable)


@dataclass(frozen=True, slots=True)
class _Bought:
    contact_id: int
    reference: str


@dataclass(frozen=True, slots=True)
class _Tokens:
    contact_id: int
    channel: str
    token: bytes
    broad_token: bytes


@dataclass(frozen=True, slots=True)
class _Claim:
    channel: str
    token: bytes


@dataclass(frozen=True, slots=True)
class _PageEnd:
    contact_id: int
    channel: str
    token: bytes


def forget(contact_id: int) -> dict[str, int]:
    """Delete all rows about the person; rows per table."""
    _sql.run("hold_pepper")  # claims are found by their token, which must not change meanwhile
    return {
        "contact_note": _sql.run("delete_notes", contact_id=contact_id),
        "purchase": _sql.run("delete_purchases", contact_id=contact_id),
        "address_claim": _sql.run("delete_claims", contact_id=contact_id),
        "address": _sql.run("delete_addresses", contact_id=contact_id),
        "contact": _sql.run("delete_contact", contact_id=contact_id),
    }
