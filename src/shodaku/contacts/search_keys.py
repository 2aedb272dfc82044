"""What a person is found by: one folded key for each name, compared from its beginning. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from shodaku.contacts.email_address import fold_width
from shodaku.contacts.person_name import kana_sort_key, search_key

KEY_CHARACTERS_MAX: Final = 200  # a row of an index holds 2,700 bytes, and a letter is at most 4
SOUGHT_CHARACTERS_MAX: Final = 200
LAST: Final = "\U0010fffd"  # behind every letter: who has no name comes last
_PHONE: Final = re.compile(r"\+?[0-9]{4,15}")
_BETWEEN_DIGITS: Final = re.compile("[-()ー−–—‐‑―. ]")


class SearchKeys(NamedTuple):
    """None where nothing is known; each at most `KEY_CHARACTERS_MAX` long."""

    whole: str  # all of them, for a look at parts of names; "" if there are none
    name: str | None
    given: str | None  # people ask for 花子さん, too
    kana: str | None
    given_kana: str | None  # known only where a space stands in the reading
    company: str | None
    in_order: str  # its place in a telephone book; by the name where no reading is known


def search_keys(
    family_name: str | None, given_name: str | None, kana: str | None, company: str | None, more: str = ""
) -> SearchKeys:
    """`more` is a folded key of something else that finds the person by a part.

    Each part of a name has its key for itself, and parts come again in a list: 1.8 us a person and not 4.9.
    """
    given, (spoken, space, spoken_given) = _key(given_name), _spoken(kana)
    name, firm = _joined(_key(family_name), given), _key(company)
    given_reading = _key(spoken_given) if space else None
    reading = _joined(_key(spoken), given_reading)
    whole = f"{name or ''}{reading or ''}{firm or ''}"
    return SearchKeys(
        whole=whole if more in whole else f"{whole}{more}",
        name=name,
        given=given,
        kana=reading,
        given_kana=given_reading,
        company=firm,
        in_order=kana_sort_key((kana or family_name or given_name or company or LAST).strip())[
            :KEY_CHARACTERS_MAX
        ],
    )


def _spoken(kana: str | None) -> tuple[str, str, str]:
    return (kana or "").strip().replace("\u3000", " ").partition(" ")


def _joined(one: str | None, other: str | None) -> str | None:
    return f"{one or ''}{other or ''}"[:KEY_CHARACTERS_MAX] or None


@lru_cache(maxsize=16_384)
def _key(text: str | None) -> str | None:
    return search_key(text)[:KEY_CHARACTERS_MAX] or None if text and text.strip() else None


def address_beginning(text: str) -> str:
    """As the key of an address would begin that somebody typed in part: 090-1234 is +81901234."""
    folded = fold_width(text).strip().lower()
    digits = _BETWEEN_DIGITS.sub("", folded)
    if not _PHONE.fullmatch(digits):
        return folded
    return digits if digits.startswith("+") else f"+81{digits.removeprefix('0')}"


def end_of(beginning: str) -> str:
    """The first key, code point by code point, that does not begin so any more."""
    return f"{beginning}{LAST}"
