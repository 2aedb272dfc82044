"""Rows of an Excel workbook (.xlsx), as text: what a person would have typed into the cells.

A workbook is a zip of XML. How much it unpacks to stands in its index, and no more of it is read than that.
Formulas are not worked out: a cell is what Excel showed when it was saved.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO, Final

from shodaku.imports.faults import BrokenWorkbook, TooManyBytes, TooManySheets

SHEETS_MAX: Final = 50
MEMBERS_MAX: Final = 2_000
UNPACKED_BYTES_MAX: Final = 1 << 30  # 300,000 rows of 20 cells unpack to 0.4 GB
SHARED_BYTES_MAX: Final = 100 * 1024 * 1024  # words that cells share are held in memory, all of them

_MARK: Final = b"PK\3\4"
_INDEX: Final = "[Content_Types].xml"
_CONTROL: Final = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f]")
_MIDNIGHT: Final = time()


def is_workbook(source: BinaryIO) -> bool:
    """A zip with a table of contents as Office writes it. Leaves the stream where it stood."""
    start = source.tell()
    try:
        if source.read(len(_MARK)) != _MARK:
            return False
        source.seek(start)
        with zipfile.ZipFile(_Part(source, start)) as packed:
            return _INDEX in packed.namelist() and any(name.startswith("xl/") for name in packed.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return False
    finally:
        source.seek(start)


@contextmanager
def opened(source: BinaryIO, bytes_max: int) -> Iterator[Any]:  # Any: openpyxl has no types
    """Read-only, from where the stream stands. Raises BrokenWorkbook, TooManyBytes, TooManySheets."""
    from openpyxl import load_workbook  # noqa: PLC0415 - 0.2 s; most lists are CSV

    start = source.tell()
    _check_size(source, start, bytes_max)
    warnings.filterwarnings("ignore", module="openpyxl")  # of styles and pictures that it leaves out
    with _told():
        book = load_workbook(_Part(source, start), read_only=True, data_only=True, keep_links=False)
    try:
        if len(book.worksheets) > SHEETS_MAX:
            raise TooManySheets(most=SHEETS_MAX)
        yield book
    finally:
        book.close()
        source.seek(start)


def sheet_rows(sheet: Any) -> Iterator[tuple[str, ...]]:  # noqa: ANN401 - as above
    """Each row from the first, as far to the right as it has cells. Raises BrokenWorkbook."""
    sheet.reset_dimensions()  # programs other than Excel write wrong ones
    with _told():
        for cells in sheet.iter_rows(values_only=True):
            texts = [_text(value) for value in cells]
            while texts and not texts[-1]:
                texts.pop()
            yield tuple(texts)


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004 - digits that Excel keeps
            return str(int(value))
        case datetime():
            return value.date().isoformat() if value.time() == _MIDNIGHT else f"{value:%Y-%m-%d %H:%M:%S}"
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            return _CONTROL.sub(" ", str(value))


def _check_size(source: BinaryIO, start: int, bytes_max: int) -> None:
    if source.seek(0, io.SEEK_END) - start > bytes_max:
        raise TooManyBytes(bytes_max)
    with _told(), zipfile.ZipFile(_Part(source, start)) as packed:
        members = packed.infolist()
    shared = sum(each.file_size for each in members if each.filename.endswith("sharedStrings.xml"))
    if len(members) > MEMBERS_MAX or shared > SHARED_BYTES_MAX:
        raise TooManyBytes(bytes_max)
    if sum(each.file_size for each in members) > UNPACKED_BYTES_MAX:
        raise TooManyBytes(bytes_max)


@contextmanager
def _told() -> Iterator[None]:
    """What the library says of a damaged file, in our one sentence."""
    try:
        yield
    except (
        zipfile.BadZipFile, zlib.error, SyntaxError, LookupError, ValueError, TypeError, AttributeError,
        EOFError, NotImplementedError, OverflowError, RuntimeError, OSError,
    ) as fault:  # fmt: skip
        if isinstance(fault, BrokenWorkbook):
            raise
        raise BrokenWorkbook from fault


class _Part(io.RawIOBase):
    """The stream from where it stood, as a file of its own; closing it closes nothing."""

    def __init__(self, source: BinaryIO, start: int) -> None:
        self._source, self._start = source, start
        source.seek(start)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return self._source.read(size)

    def tell(self) -> int:
        return self._source.tell() - self._start

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence == io.SEEK_SET:
            offset += self._start
        return self._source.seek(offset, whence) - self._start
