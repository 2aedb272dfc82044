"""People of a list, column by column: what a million of them have in common is said once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Final, NamedTuple

from shodaku.contacts.domain import Channel, Residence, residence_of
from shodaku.contacts.search_keys import SearchKeys
from shodaku.kit import db

_sql = db.Statements("shodaku.contacts")
_json: Final = json.JSONEncoder(ensure_ascii=False).encode


class Newcomer(NamedTuple):
    """One of them, as who reads the list knows them. Absent is ""."""

    contact_id: int  # from reserve_ids: the person's key exists before the row does
    token: bytes
    broad_token: bytes
    address: str
    key: str
    wire: str
    family_name: str
    given_name: str
    kana: str
    company: str
    found_by: SearchKeys
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomers:
    """Of one channel and one epoch of the pepper; `columns` and `claims` as their statements want them."""

    channel: Channel
    source: str
    country: Residence | None  # of all of them; None: as each one's number tells, if it does
    pepper_epoch: int | None
    people: Sequence[Newcomer]
    columns: Mapping[str, str]
    claims: Mapping[str, str]

    def only(self, are_meant: Callable[[Newcomer], bool]) -> Newcomers:
        return newcomers(
            [each for each in self.people if are_meant(each)],
            channel=self.channel,
            source=self.source,
            country=self.country,
            pepper_epoch=self.pepper_epoch,
        )


def newcomers(
    people: Sequence[Newcomer],
    *,
    channel: Channel,
    source: str,
    country: Residence | None,
    pepper_epoch: int | None,
) -> Newcomers:
    """Needs no transaction: the arrays are made while another transaction is under way."""
    return Newcomers(
        channel=channel,
        source=source,
        country=country,
        pepper_epoch=pepper_epoch,
        people=people,
        columns=_columns(people, channel, country),
        claims=_claims(people),
    )


def remember_newcomers(listed: Newcomers, *, now: datetime) -> set[int]:
    """Insert in the open transaction those whose address was nobody's until now; their numbers."""
    mine = set(
        _sql.scalars(
            "claim_addresses_of_list", channel=listed.channel, epoch=listed.pepper_epoch, **listed.claims
        )
    )
    if len(mine) < len(listed.people):
        listed = listed.only(lambda each: each.contact_id in mine)
    if mine:
        _insert(listed, now)
    return mine


def _insert(listed: Newcomers, now: datetime) -> None:
    country = listed.country
    _sql.run(
        "insert_contacts_of_list",
        source=listed.source,
        country=country.country if country else None,
        country_from=country.source.value if country else None,
        now=now,
        **_of(listed.columns, _CONTACT),
    )
    _sql.run(
        "insert_addresses_of_list",
        channel=listed.channel,
        epoch=listed.pepper_epoch,
        now=now,
        **_of(listed.columns, _ADDRESS),
    )


_CONTACT: Final = (
    "ids", "family_names", "given_names", "kanas", "companies", "search_keys", "name_keys", "given_keys",
    "kana_keys", "given_kana_keys", "company_keys", "orders", "attributes", "countries", "countries_from",
)  # fmt: skip
_ADDRESS: Final = ("ids", "addresses", "keys", "wires", "tokens", "broad_tokens")


def _of(columns: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    return {name: columns[name] for name in names}


def _claims(people: Sequence[Newcomer]) -> Mapping[str, str]:
    ordered = sorted(people, key=attrgetter("token"))
    return {
        "claimed_tokens": db.marks([each.token for each in ordered]),
        "claimed_ids": db.numbers([each.contact_id for each in ordered]),
    }


def _columns(people: Sequence[Newcomer], channel: Channel, country: Residence | None) -> Mapping[str, str]:
    residences = [] if country else [residence_of(None, channel, each.address) for each in people]
    known = any(residences)
    tokens = db.marks([each.token for each in people])
    alike = all(each.token is each.broad_token for each in people)
    return {
        "ids": db.numbers([each.contact_id for each in people]),
        "family_names": db.texts([each.family_name for each in people]),
        "given_names": db.texts([each.given_name for each in people]),
        "kanas": db.texts([each.kana for each in people]),
        "companies": db.texts([each.company for each in people]),
        "search_keys": db.texts([each.found_by.whole for each in people]),
        "name_keys": db.texts([each.found_by.name or "" for each in people]),
        "given_keys": db.texts([each.found_by.given or "" for each in people]),
        "kana_keys": db.texts([each.found_by.kana or "" for each in people]),
        "given_kana_keys": db.texts([each.found_by.given_kana or "" for each in people]),
        "company_keys": db.texts([each.found_by.company or "" for each in people]),
        "orders": db.texts([each.found_by.in_order for each in people]),
        "attributes": db.texts([_json(each.attributes) if each.attributes else "{}" for each in people]),
        "countries": db.array(each and each.country for each in residences) if known else "{}",
        "countries_from": db.array(each and each.source.value for each in residences) if known else "{}",
        "addresses": db.texts([each.address for each in people]),
        "keys": db.texts([each.key for each in people]),
        "wires": db.texts([each.wire for each in people]),
        "tokens": tokens,
        "broad_tokens": tokens if alike else db.marks([each.broad_token for each in people]),
    }
