"""The code that is printed on a sheet, and what is wrong with a sheet as it was keyed in. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Unwritten(ValueError):
    """A paper cannot be taken as it was keyed in; `fault` says which sentence is told."""

    def __init__(self, fault: PaperFault) -> None:
        self.fault = fault
        super().__init__(fault.value)


class PaperFault(StrEnum):
    NO_CODE = "no_code"
    TAKEN_BACK = "taken_back"
    NO_TOPIC = "no_topic"
    NO_DAY = "no_day"
    TO_COME = "to_come"
    BEFORE_ITS_FORM = "before_its_form"
    NOT_ONE_LINE = "not_one_line"
    TOO_LONG = "too_long"

    def sentence(self, language: str) -> str:
        ja, en = _SENTENCES[self]
        return ja if language == "ja" else en


_SENTENCES: Final[Mapping[PaperFault, tuple[str, str]]] = {
    PaperFault.NO_CODE: (
        "このコードの用紙はありません。用紙の右上にあるコードを、そのまま入力してください。",
        "No sheet has this code. Type the code from the top right corner of the sheet as it stands there.",
    ),
    PaperFault.TAKEN_BACK: (
        "この用紙の文面は取り下げられたため、同意として記録できません。新しい用紙に記入していただいてください。",
        "The words of this sheet were withdrawn, so it gives no consent. Have a new sheet filled in.",
    ),
    PaperFault.NO_TOPIC: (
        "用紙で選ばれている種類にチェックを入れてください。1つも選ばれていなければ「保留」にしてください。",
        "Tick what is ticked on the sheet. If nothing is, put the sheet aside.",
    ),
    PaperFault.NO_DAY: (
        "用紙の日付を読み取れません。「2026-11-22」「R8.11.22」のように入力してください。",
        "This is no date. Write it like 2026-11-22, 20261122 or R8.11.22.",
    ),
    PaperFault.TO_COME: (
        "まだ来ていない日付です。用紙の日付を確かめてください。",
        "This day is still to come. Check the date on the sheet.",
    ),
    PaperFault.BEFORE_ITS_FORM: (
        "この版の用紙ができる前の日付です。日付と、用紙のコードを確かめてください。",
        "On this day the sheet with this code did not exist yet. Check the date and the code.",
    ),
    PaperFault.NOT_ONE_LINE: (
        "改行や制御文字は使えません。1行で入力してください。",
        "Write it in one line, without control characters.",
    ),
    PaperFault.TOO_LONG: ("80文字以内で入力してください。", "Use at most 80 characters."),
}


_LETTERS: Final = "ACDEFGHJKLMNPQRTUVWXY"  # no B, I, O, S, Z, which are read as 8, 1, 0, 5, 2
_OF_LANGUAGE: Final = {"ja": "J", "en": "E"}
_CODE: Final = re.compile(r"([JE])(\d{1,9})-(\d{1,6})-([A-Z])")
_MISREAD: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "B": "8", "S": "5", "Z": "2"})
_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−ー－_", "-"))


@dataclass(frozen=True, slots=True)
class SheetCode:
    """Which words a sheet bears: a form, its version, the language."""

    form_id: int
    version: int
    language: str


def printed_code(workspace_id: int, code: SheetCode) -> str:
    """J12-3-K: its last letter is computed from the rest, so that a slip names no other form."""
    return f"{_OF_LANGUAGE[code.language]}{code.form_id}-{code.version}-{_check(workspace_id, code)}"


def parse_code(workspace_id: int, text: str) -> SheetCode:
    """As it was copied from the paper, with digits read as letters. Raises Unwritten(NO_CODE)."""
    plain = unicodedata.normalize("NFKC", text).upper().translate(_DASHES)
    plain = "".join(plain.split())
    head, numbers, check = plain[:1], plain[1:-1].translate(_MISREAD), plain[-1:]
    found = _CODE.fullmatch(f"{head}{numbers}{check}")
    if found is None:
        raise Unwritten(PaperFault.NO_CODE)
    language = "en" if found[1] == "E" else "ja"
    code = SheetCode(int(found[2]), int(found[3]), language)
    if _check(workspace_id, code) != found[4]:
        raise Unwritten(PaperFault.NO_CODE)
    return code


def _check(workspace_id: int, code: SheetCode) -> str:
    named = f"{workspace_id}\0{code.language}\0{code.form_id}\0{code.version}"
    return _LETTERS[hashlib.sha256(named.encode()).digest()[0] % len(_LETTERS)]
