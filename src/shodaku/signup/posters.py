"""A poster leads to a form by a short address of its own: one poster is one source in the figures."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib.resources import files
from typing import Final

from shodaku.kit import db
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.kit.typesetting import qr_svg, set_pdf
from shodaku.signup import selectors
from shodaku.signup.domain import OfferedTopic, Published

TEMPLATE: Final = files("shodaku.signup") / "print" / "poster.typ"
SOURCES_MAX: Final = 500  # of one form
NAME_CHARS_MAX: Final = 100
CODE_LETTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another: 0 o, 1 l i
CODE_CHARS: Final = 5  # 28 million: enough that none is guessed by chance, short enough to be typed in
_TRIES: Final = 5

_sql = db.Statements("shodaku.signup")


class PaperSize(StrEnum):
    A4 = "a4"
    A6 = "a6"


_TOPICS_MAX: Final = {PaperSize.A4: 6, PaperSize.A6: 3}


class TooManySources(WrongUse):
    """A form has at most 500 posters."""

    code = "too_many_sources"


class NotPublished(WrongUse):
    """A form that was not published yet has no poster."""

    code = "not_published"


class NoCodeLeft(ShodakuError):
    """No free short address was found; try once more."""

    code = "no_code_left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """What a poster says in one language."""

    published: Published
    version: int
    address: str  # the short one that the code holds
    mail: str = ""  # where an empty mail is answered; "" where none is
    language: str
    size: PaperSize


def add_source(workspace_id: int, form_id: int, name: str, *, now: datetime) -> int:
    """A place where the form will hang; its number. Raises NotPublished, TooManySources, NoCodeLeft."""
    with db.transaction(workspace_id):
        if _sql.scalar("lock_form", form_id=form_id) is None:
            raise NotPublished
        known = selectors.sources(workspace_id, form_id)
        if len(known) >= SOURCES_MAX:
            raise TooManySources
        for _ in range(_TRIES):
            number: int | None = _sql.scalar(
                "insert_source",
                form_id=form_id,
                code=_new_code(),
                name=name,
                sources_max=SOURCES_MAX,
                now=now,
            )
            if number is not None:
                return number
        raise NoCodeLeft


def poster_pdf(poster: Poster, *, made_at: datetime) -> bytes:
    """One page; the same poster gives the same bytes. Raises NoPaper, NoJapaneseFont, NotSet."""
    wording = poster.published.wording(poster.language)
    words = _WORDS[poster.language]
    topics, more = _shown(poster.published.topics, poster.size)
    sender = poster.published.sender
    content = {
        "size": poster.size.value,
        "language": poster.language,
        "title": wording.title,
        "introduction": wording.introduction if poster.size is PaperSize.A4 else "",
        "topics": [
            {"name": each.title(poster.language), "promise": each.promise(poster.language)} for each in topics
        ],
        "more": words["more"].format(count=more) if more else "",
        "incentive": wording.incentive,
        "qr": qr_svg(poster.address),
        "qr_alt": words["qr_alt"].format(address=poster.address),
        "how": words["how"],
        "address": poster.address,
        "mail": words["mail"].format(address=poster.mail) if poster.mail else "",
        "stop": words["stop"],
        "sender": sender.formal_name,
        "foot": [
            words["sender"].format(name=sender.formal_name, address=sender.postal_address),
            words["contact"].format(contact=sender.complaint_contact),
            words["version"].format(version=poster.version, policy=sender.privacy_policy_version),
        ],
    }
    return set_pdf(TEMPLATE, content, made_at=made_at)


def _shown(topics: Sequence[OfferedTopic], size: PaperSize) -> tuple[Sequence[OfferedTopic], int]:
    """Those that fit, and how many others there are: the page behind the code shows them all."""
    most = _TOPICS_MAX[size]
    return topics[:most], max(0, len(topics) - most)


def _new_code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_CHARS))


_WORDS: Final = {
    "ja": {
        "more": "ほか{count}種類",
        "qr_alt": "登録ページのQRコード：{address}",
        "how": "カメラで読み取り、届いてほしいものを選んでください。",
        "mail": "空メールでも登録できます：{address}",
        "stop": "いつでも停止できます",
        "sender": "送信者：{name}（{address}）",
        "contact": "お問い合わせ：{contact}",
        "version": "フォーム第{version}版・個人情報の取り扱い {policy}",
    },
    "en": {
        "more": "and {count} more",
        "qr_alt": "QR code of the sign-up page: {address}",
        "how": "Scan it with your camera and choose what you want to receive.",
        "mail": "Or send an empty mail to {address}",
        "stop": "You can stop at any time",
        "sender": "Sender: {name}, {address}",
        "contact": "Questions: {contact}",
        "version": "Form version {version}, privacy policy {policy}",
    },
}
