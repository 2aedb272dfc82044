"""One row read by its columns: an address that is good, names as typed, and a list of what was doubtful."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final, TypeAlias

from shodaku.contacts.domain import (
    JST,
    AddressError,
    AddressFault,
    Channel,
    EmailAddress,
    NameFault,
    NumberFault,
    PhoneNumber,
    UnfitName,
    UnreadDate,
    clean_name,
    likely_typo,
    parse_email,
    parse_mobile,
    parse_moment,
    parse_phone,
    split_name,
)
from shodaku.imports.sheet import Row
from shodaku.policy.domain import NEWEST_IN_FORCE, pack


class RowCode(StrEnum):
    """Faults of a row that are not faults of its address or name."""

    ROW_UNREADABLE = "ROW_UNREADABLE"
    ROW_TOO_WIDE = "ROW_TOO_WIDE"
    ROW_NO_ADDRESS = "ROW_NO_ADDRESS"


class RowWarning(StrEnum):
    """What was left out or repaired in a row that can be taken: listed, never silently dropped."""

    EMAIL_UNREAD = "EMAIL_UNREAD"
    EMAIL_TYPO = "EMAIL_TYPO"
    PHONE_UNREAD = "PHONE_UNREAD"
    PHONE_REPAIRED = "PHONE_REPAIRED"
    DATE_UNREAD = "DATE_UNREAD"
    NAME_UNSURE = "NAME_UNSURE"  # a card scanner writes ＊ or ? for what it could not read


FaultCode: TypeAlias = AddressFault | NumberFault | NameFault | RowCode


@dataclass(frozen=True, slots=True)
class ParsedRow:
    number: int
    email: EmailAddress | None = None
    phone: PhoneNumber | None = None
    family_name: str | None = None
    given_name: str | None = None
    kana: str | None = None
    company: str | None = None
    exchanged_on: date | None = None
    consented_at: datetime | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[RowWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that cannot be taken. `text` is the cell, for the owner's report and for no log."""

    number: int
    code: FaultCode
    column: str | None = None
    text: str = field(default="", repr=False)


# fields with a place of their own; every other column of `columns` becomes an attribute
_OWN_FIELDS: Final = frozenset(
    {
        "email", "mobile", "phone", "name", "family_name", "given_name", "kana", "family_kana", "given_kana",
        "company", "exchanged_on", "consented_at",
    }
)  # fmt: skip
_UNSURE: Final = re.compile(r"[*＊?？]")


def parse_row(
    row: Row,
    columns: Mapping[str, int],
    default_channel: Channel,
    *,
    width: int | None = None,
    zone: tzinfo = JST,
) -> ParsedRow | RowFault:
    """Reads one row by `columns` (see match_headers; a column the user ticked is added under its heading).

    The address of `default_channel` must be there and good; the other one may be missing. `width` is the
    number of headings: a row that goes beyond it has slipped. A day without a time begins in `zone`.
    """
    if not row.readable:
        return RowFault(row.number, RowCode.ROW_UNREADABLE)
    if width is not None and any(text.strip() for text in row.cells[width:]):
        return RowFault(row.number, RowCode.ROW_TOO_WIDE)
    return _Reader(row, columns, zone).parsed(default_channel)


@cache
def _served() -> frozenset[str]:
    """Countries whose law the rule pack knows: elsewhere nobody could say what may be sent."""
    return pack(NEWEST_IN_FORCE).known_countries


class _RowRefused(Exception):
    """Carries a fault from a cell up to `parsed`."""

    def __init__(self, code: FaultCode, column: str, text: str) -> None:
        self.code, self.column, self.text = code, column, text
        super().__init__(code.value)


class _Reader:
    """The cells of one row by field name, and the warnings met while reading them."""

    def __init__(self, row: Row, columns: Mapping[str, int], zone: tzinfo) -> None:
        self.row, self.columns, self.zone = row, columns, zone
        self.warnings: list[RowWarning] = []

    def parsed(self, channel: Channel) -> ParsedRow | RowFault:
        try:
            return self._parsed(channel)
        except _RowRefused as refused:
            return RowFault(self.row.number, refused.code, refused.column, refused.text)

    def _parsed(self, channel: Channel) -> ParsedRow:
        email = self._email(needed=channel is Channel.EMAIL)
        phone = self._phone(needed=channel is Channel.SMS)
        family, given = self._names()
        kana = self._name("kana") or " ".join(
            part for part in (self._name("family_kana"), self._name("given_kana")) if part
        )
        return ParsedRow(
            number=self.row.number,
            email=email,
            phone=phone,
            family_name=family or None,
            given_name=given or None,
            kana=kana or None,
            company=self._name("company") or None,
            exchanged_on=self._day("exchanged_on"),
            consented_at=self._moment("consented_at"),
            attributes=self._attributes(),
            warnings=tuple(self.warnings),
        )

    def _text(self, name: str) -> str:
        index = self.columns.get(name)
        return self.row.cells[index].strip() if index is not None and index < len(self.row.cells) else ""

    def _email(self, *, needed: bool) -> EmailAddress | None:
        text = self._text("email")
        if not text and needed:
            raise _RowRefused(RowCode.ROW_NO_ADDRESS, "email", "")
        if not text:
            return None
        try:
            email = parse_email(text)
        except AddressError as error:
            if needed:
                raise _RowRefused(error.code, "email", text) from None
            self.warnings.append(RowWarning.EMAIL_UNREAD)
            return None
        if likely_typo(email):
            self.warnings.append(RowWarning.EMAIL_TYPO)
        return email

    def _phone(self, *, needed: bool) -> PhoneNumber | None:
        column = "mobile" if self._text("mobile") else "phone"
        text = self._text(column)
        if not text and needed:
            raise _RowRefused(RowCode.ROW_NO_ADDRESS, column, "")
        if not text:
            return None
        try:
            phone = parse_mobile(text, _served()) if needed else parse_phone(text)
        except AddressError as error:
            if needed:
                raise _RowRefused(error.code, column, text) from None
            self.warnings.append(RowWarning.PHONE_UNREAD)
            return None
        if phone.repaired:
            self.warnings.append(RowWarning.PHONE_REPAIRED)
        return phone

    def _names(self) -> tuple[str, str]:
        family, given = self._name("family_name"), self._name("given_name")
        if not family and not given:
            family, given = split_name(self._name("name"))
        if _UNSURE.search(family + given):
            self.warnings.append(RowWarning.NAME_UNSURE)
        return family, given

    def _name(self, column: str) -> str:
        try:
            return clean_name(self._text(column))
        except UnfitName as error:
            raise _RowRefused(error.code, column, self._text(column)) from None

    def _day(self, column: str) -> date | None:
        moment = self._moment(column)
        return moment.date() if moment else None

    def _moment(self, column: str) -> datetime | None:
        text = self._text(column)
        if not text:
            return None
        try:
            return parse_moment(text, self.zone)
        except UnreadDate:
            self.warnings.append(RowWarning.DATE_UNREAD)
            return None

    def _attributes(self) -> Mapping[str, str]:
        named = {name: self._text(name) for name in self.columns if name not in _OWN_FIELDS}
        return MappingProxyType({name: text for name, text in named.items() if text})
