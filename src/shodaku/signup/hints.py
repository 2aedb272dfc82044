"""What a form asks for that the mail does not need. Advice, no fault: the shop may know why. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final

from shodaku.signup.asked import AskedField, FieldKind

FIELDS_MANY: Final = 4


class Hint(StrEnum):
    SENSITIVE = (
        "sensitive"  # 要配慮個人情報 (個人情報保護法2条3項): taken with consent to just that (20条2項)
    )
    MUST_FILL = "must_fill"  # a mail needs an address and nothing else
    WHOLE_BIRTHDAY = "whole_birthday"
    NUMBER_WITHOUT_USE = "number_without_use"  # no topic goes out by SMS
    MANY = "many"
    UNEXPLAINED_PRESENT = "unexplained_present"  # when and how one gets it is not said
    WISH_AS_QUESTION = "wish_as_question"  # a question about mail is no consent: topics are for that


def hints(fields: Sequence[AskedField], *, unexplained_present: bool = False) -> tuple[Hint, ...]:
    """In the order of their weight (個人情報保護法18条1項: no more than the purpose needs)."""
    return tuple(_hints(fields, unexplained_present))


def _hints(fields: Sequence[AskedField], unexplained_present: bool) -> Iterator[Hint]:  # noqa: FBT001 - private
    kinds = {each.kind for each in fields}
    said = [unicodedata.normalize("NFKC", f"{each.label} {each.label_en}").casefold() for each in fields]
    if any(map(_SENSITIVE.search, said)):
        yield Hint.SENSITIVE
    if any(map(_WISH.search, said)):
        yield Hint.WISH_AS_QUESTION
    if unexplained_present:
        yield Hint.UNEXPLAINED_PRESENT
    if any(each.required for each in fields):
        yield Hint.MUST_FILL
    if FieldKind.BIRTHDAY in kinds:
        yield Hint.WHOLE_BIRTHDAY
    if FieldKind.MOBILE in kinds:
        yield Hint.NUMBER_WITHOUT_USE
    if len(fields) > FIELDS_MANY:
        yield Hint.MANY


_SENSITIVE: Final = re.compile(
    r"病歴|既往|持病|アレルギー|障害|障がい|健康診断|診療|妊娠|信条|宗教|信仰|政党|支持政党|労働組合|人種|民族|国籍|本籍"
    r"|犯罪|前科|前歴|被害|性的|マイナンバー|個人番号|暗証|パスワード"
    r"|\b(?:illness|disease|allerg|disabilit|health|medical|pregnan|religio|belief|politic|union|race|ethnic"
    r"|national(?:ity|ities)|criminal|sexual|password)"
)
_WISH: Final = re.compile(
    r"(?:メール|メルマガ|案内|お知らせ|配信|広告|sms).{0,12}(?:希望|同意|受け取|受信|購読|許可)"
    r"|\b(?:receive|send|subscribe|agree|consent)\w*\b.{0,40}\b(?:mail|e-?mail|news|newsletter|offers?|sms)"
)
