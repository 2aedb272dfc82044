"""The one mail that asks whether to go on: no advertising, the full legal display (model text T7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final

from shodaku.accounts.domain import Sender
from shodaku.consent.selectors import Topic
from shodaku.content.domain import footer_html, footer_text, items_of, without_slots

ASK: Final = "{{ ask }}"
_STYLE: Final = "font-size:16px;line-height:1.7"


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Silence:
    """What the reader is told: the day of the yes, the months since, and by when to answer."""

    agreed_at: datetime  # on the clock of the workspace, as the next one
    until: datetime
    months: int  # at least so many


def question(
    sender: Sender, topics: Sequence[Topic], silence: Silence, language: str, *, mail_order: bool
) -> Letter:
    """Slots {{ ask }} and those of the display. The topics' names come from staff, and stay text."""
    paragraphs = (_ja if language == "ja" else _en)(topics, silence)
    items = items_of(
        sender, _names(topics, language), "ja" if language == "ja" else "en", mail_order=mail_order
    )
    body = "\n\n".join(paragraphs)
    html = "".join(f"<p>{_marked(each)}</p>" for each in paragraphs)
    return Letter(
        _subject(sender, language),
        f"{body}\n\n{footer_text(items, language)}",
        f'<html><body style="{_STYLE}">{html}{footer_html(items, language)}</body></html>',
    )


def _subject(sender: Sender, language: str) -> str:
    name = " ".join(without_slots(sender.display_name or sender.formal_name).replace("{{", "").split())
    return (
        f"【{name}】これからもお送りしてよろしいですか" if language == "ja" else f"[{name}] Shall we go on?"
    )


def _ja(topics: Sequence[Topic], silence: Silence) -> list[str]:
    agreed_on = _day_ja(silence.agreed_at)
    gap = f"{silence.months}か月以上、お送りしていませんでした。"
    return [
        f"{agreed_on}に次の案内の受信へ申し込まれましたが、{gap}\n{_list(topics, 'ja')}",
        f"続けて受け取る方だけ、次のページで「続ける」を押してください。\n{ASK}",
        f"押さなければ{_day_ja(silence.until)}に登録を終え、以後お送りしません。",
    ]


def _en(topics: Sequence[Topic], silence: Silence) -> list[str]:
    gap = f"for {silence.months} months or more we have sent you nothing"
    return [
        f"On {_day_en(silence.agreed_at)} you asked for this, but {gap}:\n{_list(topics, 'en')}",
        f"Only if you want to go on receiving it, open this page and press “Continue”:\n{ASK}",
        f"If you do not, your registration ends on {_day_en(silence.until)}, and we write to you no more.",
    ]


def _list(topics: Sequence[Topic], language: str) -> str:
    return "\n".join(f"・{without_slots(topic.title(language))}" for topic in topics)


def _names(topics: Sequence[Topic], language: str) -> str:
    return ("、" if language == "ja" else ", ").join(topic.title(language) for topic in topics)


def _day_ja(at: datetime) -> str:
    return f"{at.year}年{at.month}月{at.day}日"


def _day_en(at: datetime) -> str:
    return f"{at.day} {at:%b %Y}"


def _marked(paragraph: str) -> str:
    lines = (f'<a href="{ASK}">{ASK}</a>' if line == ASK else escape(line) for line in paragraph.split("\n"))
    return "<br>".join(lines)
