"""From bytes to numbered rows: delimiter, heading row and limits. Reads as it goes, and holds one row."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, Final, NamedTuple

from shodaku.imports.columns import ADDRESS_FIELDS, HEADER_ROWS_MAX, known_names, match_headers
from shodaku.imports.encoding import BLOCK_BYTES, DAMAGE, Encoding, detect_stream, is_of_utf_8
from shodaku.imports.faults import (
    BrokenQuotes,
    Empty,
    FieldTooLarge,
    NoAddressColumn,
    TooManyColumns,
    TooManyRows,
    UnreadableFile,
    WrongEncoding,
)
from shodaku.imports.formulas import bare_cell
from shodaku.imports.workbook import is_workbook, opened, sheet_rows

DELIMITERS: Final = (",", "\t", ";")

_NAMES_MIN: Final = 2  # known names that make a row the heading; one is enough if it is the address


@dataclass(frozen=True, slots=True)
class Limits:
    rows_max: int = 2_000_000
    bytes_max: int = 512 * 1024 * 1024
    field_bytes_max: int = 16 * 1024
    columns_max: int = 500  # Eight adds one column for every tag


_NO_FORMULAS: Final[frozenset[int]] = frozenset()


class Row(NamedTuple):
    """A million of them are made, one after the other: in half the time of a frozen dataclass."""

    number: int  # as a spreadsheet shows it: the first row of the file is 1
    cells: tuple[str, ...]
    readable: bool = True  # False: some of its bytes are no text in the encoding of the file
    formulas: frozenset[int] = _NO_FORMULAS  # columns in which the text of a formula stands, not its value


@dataclass(slots=True)
class Rows(Iterator[Row]):
    """The rows below the heading, blank ones left out, and how the file was understood."""

    encoding: Encoding | None  # None: a workbook
    delimiter: str  # "" in a workbook
    header: tuple[str, ...]
    header_row: int
    columns: Mapping[str, int]
    _rest: Iterator[Row]

    @property
    def form(self) -> str:
        """How the file was understood, in a word for people."""
        return "xlsx" if self.encoding is None else self.encoding.value

    def __next__(self) -> Row:
        return next(self._rest)


def open_rows(
    stream: BinaryIO,
    limits: Limits | None = None,
    *,
    columns: Mapping[str, int] | None = None,
    addressed: bool = True,
) -> Rows:
    """Reads the list from where the stream stands.

    Faults of the whole file are raised here, a field or a row beyond the limits, a broken quotation mark and
    a file without rows while the rows are read. With `columns` the fields are where the user says, whatever
    the heading is; a list that is not `addressed` is about no people. Raises UnreadableFile in its kinds.
    """
    bounds = limits or Limits()
    source = stream if stream.seekable() else io.BytesIO(stream.read(bounds.bytes_max + 1))
    if is_workbook(source):
        return _open_workbook(source, bounds, columns, addressed=addressed)
    encoding = detect_stream(source, bounds.bytes_max)
    start = source.tell()
    delimiter, header = _heading(source, encoding, bounds)
    if not header.readable:
        raise WrongEncoding(row=header.number)
    columns = _columns(header, columns, addressed=addressed)
    source.seek(start)
    rest = _below(_rows(source, encoding, delimiter, bounds), header.number, bounds.rows_max)
    return Rows(encoding, delimiter, header.cells, header.number, columns, rest)


PREVIEW_ROWS_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class Preview:
    """What a person needs to say which column is what."""

    form: str  # encoding, or xlsx
    header: tuple[str, ...]
    header_row: int
    columns: Mapping[str, int]  # as the headings, or else the cells say; perhaps without any address
    rows: tuple[Row, ...]


def read_preview(stream: BinaryIO, limits: Limits | None = None) -> Preview:
    """As open_rows, for a list whose headings nobody knows, too. Raises UnreadableFile in its kinds."""
    stream.seek(0)
    rows = open_rows(stream, limits, columns={"email": 0})
    first = tuple(islice(rows, PREVIEW_ROWS_MAX))
    found = dict(match_headers(rows.header))
    if not ADDRESS_FIELDS & found.keys() and (place := _column_of_addresses(first)) is not None:
        found["email"] = place
    return Preview(rows.form, rows.header, rows.header_row, found, first)


def _column_of_addresses(rows: Sequence[Row]) -> int | None:
    """The column in which every cell of these rows looks like one."""
    width = min((len(row.cells) for row in rows), default=0)
    alike = (at for at in range(width) if all(_LIKE_EMAIL.fullmatch(row.cells[at].strip()) for row in rows))
    return next(alike, None)


_LIKE_EMAIL: Final = re.compile(r"[^@＠\s]+[@＠][^@＠\s]+")


def _open_workbook(
    source: BinaryIO, limits: Limits, columns: Mapping[str, int] | None, *, addressed: bool
) -> Rows:
    """The sheet whose first rows show most known names; of equals the first."""
    found: list[tuple[int, int, Row]] = []
    with opened(source, limits.bytes_max) as book:
        for place, sheet in enumerate(book.worksheets):
            top = list(islice(_numbered(sheet_rows(sheet), limits), HEADER_ROWS_MAX))
            found += [(known_names(row.cells), -place, row) for row in top[:1] + _candidates(top)]
    if not any(cell.strip() for _, _, row in found for cell in row.cells):
        raise Empty
    _, place, header = max(found, key=lambda each: each[:2])
    columns = _columns(header, columns, addressed=addressed)
    rest = _below(_rows_of_sheet(source, -place, limits), header.number, limits.rows_max)
    return Rows(None, "", header.cells, header.number, columns, rest)


def _columns(header: Row, chosen: Mapping[str, int] | None, *, addressed: bool) -> Mapping[str, int]:
    """Raises NoAddressColumn."""
    columns = match_headers(header.cells) if chosen is None else chosen
    if addressed and not ADDRESS_FIELDS & columns.keys():
        raise NoAddressColumn
    return columns


def _rows_of_sheet(source: BinaryIO, place: int, limits: Limits) -> Iterator[Row]:
    with opened(source, limits.bytes_max) as book:
        yield from _numbered(sheet_rows(book.worksheets[place]), limits)


def _numbered(rows: Iterator[Sequence[str]], limits: Limits) -> Iterator[Row]:
    for number, cells in enumerate(rows, 1):
        yield _row(number, cells, limits)


def _heading(source: BinaryIO, encoding: Encoding, limits: Limits) -> tuple[str, Row]:
    """The delimiter and the row that together show most known names."""
    start = source.tell()
    found: list[tuple[int, str, Row]] = []
    faults: list[UnreadableFile] = []
    for delimiter in DELIMITERS:
        source.seek(start)
        try:
            top = list(islice(_rows(source, encoding, delimiter, limits), HEADER_ROWS_MAX))
        except UnreadableFile as fault:  # by a wrong delimiter a row is one long field
            faults.append(fault)
            continue
        if not any(cell.strip() for row in top for cell in row.cells):
            raise Empty
        found += [(known_names(row.cells), delimiter, row) for row in top[:1] + _candidates(top)]
    names, delimiter, row = max(found, key=lambda each: each[0], default=(0, "", _NO_ROW))
    if faults and not names:
        raise faults[0]
    return delimiter, row


_NO_ROW: Final = Row(0, ())


def _candidates(top: list[Row]) -> list[Row]:
    """The first row with two known names, or else the first that names an address."""
    named = (row for row in top if known_names(row.cells) >= _NAMES_MIN)
    address = (row for row in top if ADDRESS_FIELDS & match_headers(row.cells).keys())
    first = next(named, None) or next(address, None)
    return [first] if first else []


def _below(rows: Iterator[Row], header_row: int, rows_max: int) -> Iterator[Row]:
    count = 0
    for row in rows:
        if row.number <= header_row or not "".join(row.cells).strip():
            continue
        count += 1
        if count > rows_max:
            raise TooManyRows(row=row.number, most=rows_max)
        yield row
    if not count:
        raise Empty


def _rows(source: BinaryIO, encoding: Encoding, delimiter: str, limits: Limits) -> Iterator[Row]:
    reader = csv.reader(_lines(source, encoding, limits), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if str(error).startswith("field larger"):
                raise FieldTooLarge(row=number, most=limits.field_bytes_max) from None
            # strict, since an open quotation mark would otherwise swallow every row after it
            raise BrokenQuotes(row=number) from None
        row = _row(number, cells, limits)
        foreign = encoding is Encoding.CP932 and row.readable and is_of_utf_8("\n".join(row.cells))
        yield row._replace(readable=False) if foreign else row


def _row(number: int, cells: Sequence[str], limits: Limits) -> Row:
    """Read once a row, a million times: what most rows do not have is looked for in the whole row first."""
    if len(cells) > limits.columns_max:
        raise TooManyColumns(row=number, most=limits.columns_max)
    whole = "\n".join(cells)
    if len(whole) > limits.field_bytes_max // 4 and any(
        _longer(cell, limits.field_bytes_max) for cell in cells
    ):
        raise FieldTooLarge(row=number, most=limits.field_bytes_max)
    readable = "\0" not in whole and (whole.isascii() or DAMAGE.search(whole) is None)
    if _MARKED.search(whole) is None:
        return Row(number, tuple(cells), readable)
    formulas = frozenset(place for place, cell in enumerate(cells) if _FORMULA.match(cell))
    return Row(number, tuple(bare_cell(cell) for cell in cells), readable, formulas)


# the beginnings of cells that are guarded (formulas.cell) or hold a formula
_MARKED: Final = re.compile("^['=]", re.MULTILINE)
# not ="090…", which is how people keep a zero: what begins so was copied as it stood behind the cell
_FORMULA: Final = re.compile(r"=(?!\"[^\"]*\"?$)[A-Za-z_@+$('\"\-]")


def _longer(cell: str, bytes_max: int) -> bool:
    return len(cell) > bytes_max // 4 and len(cell.encode("utf-8", "surrogatepass")) > bytes_max


def _lines(source: BinaryIO, encoding: Encoding, limits: Limits) -> Iterator[str]:
    """Lines of text with their ends.

    A line longer than a row within the limits can be (each quotation mark doubled) comes in pieces; the
    first piece already breaks a limit, so that a gigabyte without an end is never held.
    """
    line_max = limits.columns_max * (2 * limits.field_bytes_max + len('"",'))
    decoder = codecs.getincrementaldecoder(encoding.codec)(errors="replace")
    pieces: list[str] = []  # of one line; joined once, or a long line would be copied with every block
    while block := source.read(BLOCK_BYTES):
        pieces.append(decoder.decode(block))
        if _LINE_END.search(pieces[-1]) or sum(map(len, pieces)) > line_max:
            *whole, rest = _split("".join(pieces))
            yield from whole
            pieces = [rest]
            if len(rest) > line_max:
                yield pieces.pop()
    yield from filter(None, _split("".join(pieces) + decoder.decode(b"", final=True)))


_LINE_END: Final = re.compile("[\r\n]")


def _split(text: str) -> list[str]:
    """Whole lines, and what is left; a CR at the very end may still get its LF."""
    lines = list(io.StringIO(text, newline=""))
    return lines if lines and not lines[-1].endswith("\n") else [*lines, ""]
