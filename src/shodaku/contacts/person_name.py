"""Names: stored as typed, found by a key that forgives spelling, addressed with the fitting 敬称."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from shodaku.contacts.faults import NameFault, UnfitName

NAME_CHARS_MAX: Final = 200
NOBODY: Final = "お客様"  # how somebody is addressed whose name nobody knows

_EDGES: Final = " \u3000\u00a0"
# line and paragraph separators end a header line for some readers (CPython's e-mail package among them)
_CONTROL_CATEGORIES: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_DIRECTIONS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def clean_name(text: str) -> str:
    """The name without the spaces around it, otherwise exactly as typed; "" stays "".

    Never NFC or NFKC: 22 vendor kanji of cp932 (U+FA10 and its kin) would become other characters, and
    people's names with them. Raises UnfitName: `=?` and controls can break into headers (SECURITY.md 4).
    """
    name = text.strip(_EDGES)
    if len(name) > NAME_CHARS_MAX:
        raise UnfitName(NameFault.NAME_TOO_LONG)
    if "=?" in name:
        raise UnfitName(NameFault.NAME_ENCODED_WORD)
    if not name.isprintable() and _breaks_out(name):  # nearly every name is: 0.1 us and not 1 a letter
        raise UnfitName(NameFault.NAME_CONTROL)
    return name


def _breaks_out(name: str) -> bool:
    return any(
        unicodedata.category(letter) in _CONTROL_CATEGORIES or letter in _DIRECTIONS for letter in name
    )


def split_name(text: str) -> tuple[str, str]:
    """(family, given), split only where a single space stands; where to cut 山田太郎 is never guessed."""
    family, *rest = re.split("[ \u3000]", text.strip(_EDGES))
    return (family, rest[0]) if len(rest) == 1 and rest[0] else (text.strip(_EDGES), "")


_SAME: Final = (
    "高髙", "崎﨑嵜", "吉𠮷", "辺邊邉", "斉齋齊斎", "浜濵濱", "沢澤", "広廣", "徳德", "国國", "島嶋嶌",
    "円圓", "真眞", "恵惠", "竜龍", "滝瀧", "桜櫻", "学學", "関關", "静靜", "渕淵渊", "峰峯", "槙槇", "曽曾",
    "会會", "栄榮", "条條", "与與", "万萬", "礼禮", "豊豐", "宝寶寳", "寛寬", "実實", "蔵藏", "来來", "県縣",
    "寿壽", "増增", "黒黑", "弥彌", "鉄鐵鐡", "鶴靏靍", "富冨", "館舘", "桧檜", "祢禰", "柳栁桺", "昇曻",
    "清淸", "内內", "緒緖", "郎郞", "顕顯", "児兒", "彦彥", "瀬瀨", "穂穗", "頼賴", "塩鹽", "亘亙", "郷鄕",
    "巻卷", "聡聰", "薮藪籔", "桑桒", "野埜", "涼凉", "遥遙", "尭堯", "翠翆", "稲稻", "横橫", "教敎", "猪豬",
    "芦蘆", "剣劍劔", "応應", "総總", "経經", "発發", "売賣", "医醫", "薬藥", "鴎鷗", "灯燈", "台臺",
)  # fmt: skip
_VARIANTS: Final = {ord(variant): group[0] for group in _SAME for variant in group[1:]}
_KATAKANA: Final = {
    **{hiragana: hiragana + 0x60 for hiragana in range(0x3041, 0x3097)},
    0x309D: 0x30FD,
    0x309E: 0x30FE,
}
# spaces, ・, and selectors between two drawings of one kanji; and the twins two cp932 tables disagree about
_IGNORED: Final = {
    **dict.fromkeys((0x30FB, 0xB7, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))),
    ord("〜"): "~",
    ord("−"): "-",
    ord("‖"): "∥",
}
_FORM_NAMES: Final = (
    "株式会社", "有限会社", "合同会社", "合資会社", "合名会社", "一般社団法人", "公益社団法人",
    "一般財団法人", "公益財団法人", "社団法人", "財団法人", "医療法人", "学校法人", "社会福祉法人",
    "宗教法人", "特定非営利活動法人", "npo法人", "独立行政法人", "国立大学法人",
)  # fmt: skip
_FORM_STARTS: Final = "".join(sorted({name[0] for name in _FORM_NAMES})) + "(,cil"
# looked at only where one can begin: a third of the time
_COMPANY_FORM: Final = re.compile(
    f"(?=[{_FORM_STARTS}])(?:{'|'.join(_FORM_NAMES)}"
    r"|\([株有同資名社財医学福宗]\)|,?(?:co\.,?)?(?:ltd|inc|llc)\.?$)"
)


def search_key(text: str) -> str:
    """One key for ﾔﾏﾀﾞ and やまだ, for 髙﨑 and 高崎, for ㈱サンプル and サンプル; never shown as a name."""
    key = "".join(map(_key_of_part, text.split(" ")))
    return _COMPANY_FORM.sub("", key) or key


@lru_cache(maxsize=16_384)  # of a list names come again and again: 1.5 us a person and not 8
def _key_of_part(part: str) -> str:
    """A space joins with nothing beside it, so each part has its key for itself."""
    key = unicodedata.normalize("NFKC", part).casefold().translate(_KATAKANA)
    return "".join(key.split()).translate(_IGNORED).translate(_VARIANTS)


_VOICING: Final = {0x3099: None, 0x309A: None}
_ENLARGED: Final = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_BY_VOWEL: Final = (
    "アカサタナハマヤラワ", "イキシチニヒミリヰ", "ウクスツヌフムユル", "エケセテネヘメレヱ",
    "オコソトノホモヨロヲ",
)  # fmt: skip
_VOWEL_OF: Final = {kana: same_vowel[0] for same_vowel in _BY_VOWEL for kana in same_vowel}


@lru_cache(maxsize=16_384)  # as above: readings come again, and each letter costs 0.3 us
def kana_sort_key(text: str) -> str:
    """Telephone-book order, to be compared code point by code point (collation "C").

    Voicing off, small kana large, ー as the vowel before it; what is equal then is ordered as typed.
    """
    kana = unicodedata.normalize("NFKC", text).casefold().translate(_KATAKANA)
    plain = unicodedata.normalize("NFD", kana).translate(_VOICING).translate(_ENLARGED)
    letters: list[str] = []
    for letter in "".join(plain.split()).replace("・", ""):
        before = letters[-1] if letters else ""
        letters.append(_VOWEL_OF.get(before, letter) if letter == "ー" else letter)
    return f"{''.join(letters)} {text}"


_HONORIFICS: Final = ("様", "さま", "殿", "先生", "御中")


def honorific(family: str | None, given: str | None, company: str | None) -> str:
    """How a line addresses its reader: 山田 太郎 様, サンプル 御中, or お客様; never 様 and 御中 together."""
    names = ((family or "").strip(_EDGES), (given or "").strip(_EDGES))
    if person := " ".join(filter(None, names)):
        return person if person.endswith(_HONORIFICS) else f"{person} 様"
    if firm := (company or "").strip(_EDGES):
        return firm if firm.endswith(_HONORIFICS) else f"{firm} 御中"
    return NOBODY
