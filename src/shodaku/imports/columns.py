"""Which heading means which field, for card scanners, shop systems and lists made by hand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from shodaku.contacts.domain import search_key

# JAPAN.md section 4, what address books of Cybozu call it, and the English words beside them
HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "email": (
        "e-mail", "email", "メール", "メールアドレス", "mail", "アドレス", "Eメール", "Eメールアドレス",
        "連絡先メール", "メールアドレス1", "email address", "mail address", "e-mail 1", "電子メール",
    ),
    "mobile": (
        "携帯電話", "携帯", "携帯番号", "携帯電話番号", "モバイル", "mobile", "mobile phone", "cell phone",
        "sms",
    ),
    "phone": (
        "TEL会社", "TEL部門", "TEL直通", "電話", "電話番号", "TEL", "会社電話番号", "会社TEL",
        "個人電話番号", "phone", "phone number", "telephone",
    ),
    "fax": ("FAX", "FAX番号", "ファックス", "会社FAX番号", "会社FAX"),
    "name": ("氏名", "名前", "お名前", "個人名", "担当者", "担当者名", "name", "full name"),
    "family_name": ("姓", "氏名姓", "名前姓", "個人名姓", "苗字", "family name", "last name", "surname"),
    "given_name": ("名", "氏名名", "名前名", "個人名名", "given name", "first name"),
    "kana": (
        "フリガナ", "氏名カナ", "氏名フリガナ", "名前カナ", "よみ", "よみがな", "個人名よみ", "kana",
    ),
    "family_kana": ("セイ", "姓カナ", "よみ姓", "よみがな姓", "個人名よみ姓", "フリガナ姓", "family kana"),
    "given_kana": ("メイ", "名カナ", "よみ名", "よみがな名", "個人名よみ名", "フリガナ名", "given kana"),
    "company": ("会社名", "会社", "企業名", "勤務先", "company", "company name", "organization"),
    "department": ("部署名", "部署", "部課名", "部課", "所属", "department"),
    "title": ("役職", "役職名", "肩書", "肩書き", "title", "job title"),
    "postcode": ("郵便番号", "〒", "postcode", "postal code", "zip"),
    "prefecture": ("都道府県", "prefecture"),
    "address": ("住所", "所在地", "住所1", "市区町村", "address"),
    "exchanged_on": ("名刺交換日", "交換日", "登録日", "exchanged on"),
    "consented_at": ("同意日", "同意日時", "同意取得日", "同意年月日", "consented at", "consent date"),
    "basis": ("根拠", "取得の根拠", "送信の根拠", "同意区分", "basis", "ground"),
    "place": (
        "取得場所", "名刺交換場所", "交換場所", "同意の証拠", "同意の取得方法", "取得方法", "place",
        "evidence",
    ),
    "url": ("URL", "ホームページ", "website"),
    "tags": ("タグ", "グループ", "tags"),
    "memo": ("メモ", "備考", "memo", "note", "notes"),
    "birthday": ("生年月日", "誕生日", "birthday", "date of birth"),
    "gender": ("性別", "gender"),
}  # fmt: skip

HEADER_ROWS_MAX: Final = 20  # Eight puts five lines and blanks before its headings
ADDRESS_FIELDS: Final = frozenset({"email", "mobile", "phone"})

_MARKS: Final = re.compile(r"[\[\](){}<>【】「」『』〔〕《》〈〉_:*※\"'#\-]")
_ASIDE: Final = re.compile("(?:必須|任意|半角|全角|半角英数|半角数字|required|optional)+$")


def heading_key(heading: str) -> str:
    """氏名[姓], 氏名（姓） and 氏名 姓 are one heading; 必須 and 任意 beside it mean nothing."""
    # brackets first: to a search key (名) is a company form
    key = search_key(_MARKS.sub("", unicodedata.normalize("NFKC", heading)))
    return _ASIDE.sub("", key) or key


_FIELD_OF: Final = {heading_key(name): field for field, names in HEADERS.items() for name in names}


def match_headers(header: Sequence[str]) -> Mapping[str, int]:
    """Field → index of its column. Of two columns for one field the left one counts."""
    columns: dict[str, int] = {}
    for index, heading in enumerate(header):
        field = _FIELD_OF.get(heading_key(heading))
        if field is not None:
            columns.setdefault(field, index)
    return columns


def known_names(header: Iterable[str]) -> int:
    return sum(heading_key(heading) in _FIELD_OF for heading in header)
