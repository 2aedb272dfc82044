"""One row read by its columns: an address that is good, names as typed, and a list of what was doubtful."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

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
    fold_width,
    likely_typo,
    parse_email,
    parse_mobile,
    parse_moment,
    parse_phone,
    split_name,
)
from shodaku.imports.bases import Basis, parse_basis
from shodaku.imports.sheet import Row
from shodaku.policy.domain import NEWEST_IN_FORCE, pack


class RowCode(StrEnum):
    """Faults of a row that are not faults of its address or name."""

    ROW_UNREADABLE = "ROW_UNREADABLE"
    ROW_TOO_WIDE = "ROW_TOO_WIDE"
    ROW_NO_ADDRESS = "ROW_NO_ADDRESS"
    ROW_SEVERAL_ADDRESSES = "ROW_SEVERAL_ADDRESSES"
    ROW_ADDRESS_IN_NAME = "ROW_ADDRESS_IN_NAME"
    ROW_FORMULA = "ROW_FORMULA"  # where the address should be


class RowWarning(StrEnum):
    """What was left out or repaired in a row that can be taken: listed, never silently dropped."""

    EMAIL_UNREAD = "EMAIL_UNREAD"
    EMAIL_TYPO = "EMAIL_TYPO"
    PHONE_UNREAD = "PHONE_UNREAD"
    PHONE_REPAIRED = "PHONE_REPAIRED"
    DATE_UNREAD = "DATE_UNREAD"
    NAME_UNSURE = "NAME_UNSURE"  # a card scanner writes ＊ or ? for what it could not read
    NAME_IS_ADDRESS = "NAME_IS_ADDRESS"
    FORMULA_LEFT_OUT = "FORMULA_LEFT_OUT"
    BASIS_UNREAD = "BASIS_UNREAD"


FaultCode: TypeAlias = AddressFault | NumberFault | NameFault | RowCode


_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class ParsedRow(NamedTuple):
    number: int
    email: EmailAddress | None = None
    phone: PhoneNumber | None = None
    family_name: str | None = None
    given_name: str | None = None
    kana: str | None = None
    company: str | None = None
    exchanged_on: date | None = None
    consented_at: datetime | None = None
    basis: Basis | None = None  # of a column that says it for each row; None: as declared for the file
    place: str | None = None  # where the card was given, or how this person agreed
    attributes: Mapping[str, str] = _NOTHING
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
        "company", "exchanged_on", "consented_at", "basis", "place",
    }
)  # fmt: skip
MOBILE_ATTRIBUTE: Final = "phone"  # of a list that is written to by mail: known, and no way to reach anybody
_UNSURE: Final = re.compile(r"[*＊?？]")
_BETWEEN_ADDRESSES: Final = re.compile(r"[\s,;、，；/|]+")


class RowReader:
    """Reads the rows of one list by its columns (see match_headers; a column that the user ticked is added
    under its heading).

    The address of `channel` must be there and good; the other one may be missing. `width` is the number of
    headings: a row that goes beyond it has slipped. A day without a time begins in `zone`.
    """

    def __init__(
        self,
        columns: Mapping[str, int],
        channel: Channel,
        *,
        width: int | None = None,
        zone: tzinfo = JST,
    ) -> None:
        self._columns, self._channel, self._width = columns, channel, width
        self._attributes = tuple((name, at) for name, at in columns.items() if name not in _OWN_FIELDS)
        self._moments: dict[str, datetime | None] = {}  # a list has few days, and each of them many times
        self._zone = zone

    def read(self, row: Row) -> ParsedRow | RowFault:
        if not row.readable:
            return RowFault(row.number, RowCode.ROW_UNREADABLE)
        width = self._width
        if width is not None and len(row.cells) > width and any(text.strip() for text in row.cells[width:]):
            return RowFault(row.number, RowCode.ROW_TOO_WIDE)
        try:
            return self._parsed(row)
        except _RowRefused as refused:
            return RowFault(row.number, refused.code, refused.column, refused.text)

    def _parsed(self, row: Row) -> ParsedRow:
        warnings: list[RowWarning] = []
        cells = self._cells(row, warnings)
        email = _email(cells, warnings, needed=self._channel is Channel.EMAIL)
        phone = _phone(cells, warnings, needed=self._channel is Channel.SMS)
        family, given = _names(cells, warnings)
        kana = _name(cells, "kana") or " ".join(
            part for part in (_name(cells, "family_kana"), _name(cells, "given_kana")) if part
        )
        exchanged_at = self._moment(cells, "exchanged_on", warnings)
        return ParsedRow(
            number=row.number,
            email=email,
            phone=phone,
            family_name=family or None,
            given_name=given or None,
            kana=kana or None,
            company=_name(cells, "company") or None,
            exchanged_on=exchanged_at.date() if exchanged_at else None,
            consented_at=self._moment(cells, "consented_at", warnings),
            basis=_basis(cells, warnings),
            place=_name(cells, "place") or None,
            attributes=self._attributes_of(cells),
            warnings=tuple(warnings),
        )

    def _cells(self, row: Row, warnings: list[RowWarning]) -> dict[str, str]:
        """What stands in the columns that are known, blanks left out."""
        values, most = row.cells, len(row.cells)
        cells = {
            name: text for name, at in self._columns.items() if at < most and (text := values[at].strip())
        }
        if row.formulas:
            self._leave_formulas_out(row, cells, warnings)
        return cells

    def _leave_formulas_out(self, row: Row, cells: dict[str, str], warnings: list[RowWarning]) -> None:
        written = [name for name in cells if self._columns[name] in row.formulas]
        needed = {"email"} if self._channel is Channel.EMAIL else {"mobile", "phone"}
        for name in written:
            text = cells.pop(name)
            if name in needed:
                raise _RowRefused(RowCode.ROW_FORMULA, name, text)
        if written:
            warnings.append(RowWarning.FORMULA_LEFT_OUT)

    def _moment(self, cells: Mapping[str, str], column: str, warnings: list[RowWarning]) -> datetime | None:
        text = cells.get(column)
        if text is None:
            return None
        if text not in self._moments:
            if len(self._moments) >= _MOMENTS_MAX:
                self._moments.clear()
            self._moments[text] = _moment_or_none(text, self._zone)
        moment = self._moments[text]
        if moment is None:
            warnings.append(RowWarning.DATE_UNREAD)
        return moment

    def _attributes_of(self, cells: Mapping[str, str]) -> Mapping[str, str]:
        return {name: cells[name] for name, _ in self._attributes if name in cells}


_MOMENTS_MAX: Final = 10_000


def parse_row(
    row: Row,
    columns: Mapping[str, int],
    default_channel: Channel,
    *,
    width: int | None = None,
    zone: tzinfo = JST,
) -> ParsedRow | RowFault:
    """One row alone; of a list a RowReader reads them."""
    return RowReader(columns, default_channel, width=width, zone=zone).read(row)


@cache
def _served() -> frozenset[str]:
    """Countries whose law the rule pack knows: elsewhere nobody could say what may be sent."""
    return pack(NEWEST_IN_FORCE).known_countries


class _RowRefused(Exception):
    """Carries a fault from a cell up to `parsed`."""

    def __init__(self, code: FaultCode, column: str, text: str) -> None:
        self.code, self.column, self.text = code, column, text
        super().__init__(code.value)


def _email(cells: Mapping[str, str], warnings: list[RowWarning], *, needed: bool) -> EmailAddress | None:
    text = cells.get("email")
    if text is None:
        if needed:
            raise _RowRefused(_why_no_email(cells), "email", "")
        return None
    try:
        email = parse_email(text)
    except AddressError as error:
        if needed:
            raise _RowRefused(_several(text) or error.code, "email", text) from None
        warnings.append(RowWarning.EMAIL_UNREAD)
        return None
    if likely_typo(email):
        warnings.append(RowWarning.EMAIL_TYPO)
    return email


def _why_no_email(cells: Mapping[str, str]) -> RowCode:
    names = (cells.get(name, "") for name in ("name", "family_name", "given_name", "company", "kana"))
    return RowCode.ROW_ADDRESS_IN_NAME if any(map(_is_email, names)) else RowCode.ROW_NO_ADDRESS


def _several(text: str) -> RowCode | None:
    """Whom would a mail to three people in one cell have been agreed with?"""
    parts = [part for part in _BETWEEN_ADDRESSES.split(fold_width(text)) if "@" in part]
    whole = len(parts) > 1 and all(map(_is_email, parts))
    return RowCode.ROW_SEVERAL_ADDRESSES if whole else None


def _is_email(text: str) -> bool:
    if "@" not in text and "＠" not in text:
        return False
    try:
        parse_email(text)
    except AddressError:
        return False
    return True


def _phone(cells: Mapping[str, str], warnings: list[RowWarning], *, needed: bool) -> PhoneNumber | None:
    column = "mobile" if "mobile" in cells else "phone"
    text = cells.get(column)
    if text is None:
        if needed:
            raise _RowRefused(RowCode.ROW_NO_ADDRESS, column, "")
        return None
    try:
        phone = parse_mobile(text, _served()) if needed else parse_phone(text)
    except AddressError as error:
        if needed:
            raise _RowRefused(error.code, column, text) from None
        warnings.append(RowWarning.PHONE_UNREAD)
        return None
    if phone.repaired:
        warnings.append(RowWarning.PHONE_REPAIRED)
    return phone


def _names(cells: Mapping[str, str], warnings: list[RowWarning]) -> tuple[str, str]:
    family, given = _name(cells, "family_name"), _name(cells, "given_name")
    if not family and not given:
        family, given = split_name(_name(cells, "name"))
    if "@" in family + given and any(map(_is_email, (family, given))):
        warnings.append(RowWarning.NAME_IS_ADDRESS)
        return "", ""
    if _UNSURE.search(family + given):
        warnings.append(RowWarning.NAME_UNSURE)
    return family, given


def _name(cells: Mapping[str, str], column: str) -> str:
    text = cells.get(column)
    if text is None:
        return ""
    try:
        return clean_name(text)
    except UnfitName as error:
        raise _RowRefused(error.code, column, text) from None


def _moment_or_none(text: str, zone: tzinfo) -> datetime | None:
    try:
        return parse_moment(text, zone)
    except UnreadDate:
        return None


def _basis(cells: Mapping[str, str], warnings: list[RowWarning]) -> Basis | None:
    """A word that nobody knows is no basis at all, and says so: what was declared for the file does not step
    in for it.
    """
    text = cells.get("basis")
    if text is None:
        return None
    basis = parse_basis(text)
    if basis is None:
        warnings.append(RowWarning.BASIS_UNREAD)
        return Basis.NONE
    return basis
