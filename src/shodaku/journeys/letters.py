"""The mails that ask whether to go on: no advertising, the full legal display (model text T7)."""

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


@dataclass(frozen=True, slots=True)
class Ending:
    """A topic whose consent ends soon, and the last day on which it holds, on the clock of the workspace."""

    topic: Topic
    last_day: datetime


def renewal(
    sender: Sender, endings: Sequence[Ending], agreed_at: datetime, language: str, *, mail_order: bool
) -> Letter:
    """As `question`, before a consent ends by itself: who does nothing gets nothing after its last day."""
    paragraphs = (_ending_ja if language == "ja" else _ending_en)(endings, agreed_at)
    topics = [each.topic for each in endings]
    return _letter(sender, topics, paragraphs, language, mail_order=mail_order)


def question(
    sender: Sender, topics: Sequence[Topic], silence: Silence, language: str, *, mail_order: bool
) -> Letter:
    """Slots {{ ask }} and those of the display. The topics' names come from staff, and stay text."""
    paragraphs = (_ja if language == "ja" else _en)(topics, silence)
    return _letter(sender, topics, paragraphs, language, mail_order=mail_order)


def _letter(
    sender: Sender, topics: Sequence[Topic], paragraphs: Sequence[str], language: str, *, mail_order: bool
) -> Letter:
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


def _ending_ja(endings: Sequence[Ending], agreed_at: datetime) -> list[str]:
    lines = [f"・{without_slots(each.topic.title('ja'))}（{_day_ja(each.last_day)}まで）" for each in endings]
    return [
        "\n".join([f"{_day_ja(agreed_at)}に申し込まれた次の案内は、もうすぐ同意の期限が来ます。", *lines]),
        f"続けて受け取る方だけ、次のページで「続ける」を押してください。\n{ASK}",
        "押さなければ期限の日に登録を終え、以後お送りしません。",
    ]


def _ending_en(endings: Sequence[Ending], agreed_at: datetime) -> list[str]:
    lines = [
        f"・{without_slots(each.topic.title('en'))} (until {_day_en(each.last_day)})" for each in endings
    ]
    return [
        "\n".join([f"On {_day_en(agreed_at)} you asked for this, and your consent ends soon:", *lines]),
        f"Only if you want to go on receiving it, open this page and press “Continue”:\n{ASK}",
        "If you do not, your registration ends on that day, and we write to you no more.",
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
