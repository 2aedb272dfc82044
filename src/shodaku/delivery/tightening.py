"""Stricter values as somebody types them, `key = value` a line. Pure; all or nothing. Door: `domain`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from shodaku.policy.domain import Pack, TighteningFault, pack, tighten

LINES_MAX: Final = 200
_WHOLE: Final = re.compile(r"-?\d{1,9}")
_FRACTION: Final = re.compile(r"-?\d{0,9}\.\d{1,9}")
_WORDS: Final = {"true": True, "yes": True, "false": False, "no": False}
_NOTHING: Final = "none"


class LineFault(ValueError):
    """A line that cannot be taken; nothing of the rest is."""

    def __init__(self, line: int, key: str, ja: str, en: str) -> None:
        self.line, self.key, self.ja, self.en = line, key, ja, en
        super().__init__(f"{line}: {key}: {en}")

    def sentence(self, lang: str) -> str:
        named = f" {self.key}" if self.key else ""
        if lang.startswith("ja"):
            return f"{self.line}行目{named}: {self.ja}"
        return f"Line {self.line}{named}: {self.en}"


def read_tightening(text: str, version: str) -> dict[str, object]:
    """The values, checked against the pack of this version; lines that begin with # say nothing.

    Raises LineFault for the first line at fault, PackUnknown.
    """
    standing = pack(version)
    found: dict[str, object] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if number > LINES_MAX:
            raise LineFault(number, "", f"{LINES_MAX}行までです。", f"At most {LINES_MAX} lines.")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, value = _pair(number, line)
        if key in found:
            raise LineFault(
                number, key, "同じ項目が2回書かれています。", "The same parameter stands here twice."
            )
        standing = _tightened(standing, number, key, value)
        found[key] = value
    return found


def write_tightening(tightened: Mapping[str, object]) -> str:
    """As `read_tightening` reads it."""
    return "".join(f"{key} = {_text(value)}\n" for key, value in sorted(tightened.items()))


def _pair(number: int, line: str) -> tuple[str, object]:
    key, sign, value = (part.strip() for part in line.partition("="))
    if not sign or not key or not value:
        raise LineFault(
            number,
            key if sign else "",
            "「項目 = 値」の形で書いてください。",
            "Write it as key = value.",
        )
    return key, _value(key, value.strip("\"'"))


def _value(key: str, text: str) -> object:
    if key.rpartition(".")[2] == "exemptions":
        return [] if text == _NOTHING else [each.strip() for each in text.split(",") if each.strip()]
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _FRACTION.fullmatch(text) else text


def _tightened(standing: Pack, number: int, key: str, value: object) -> Pack:
    try:
        return tighten(standing, {key: value})
    except TighteningFault as fault:
        raise LineFault(number, key, fault.ja, fault.en) from fault


def _text(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return ", ".join(map(str, value)) or _NOTHING
        case _:
            return str(value)
