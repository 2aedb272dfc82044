"""The mails of a sign-up: one asks, one welcomes, one tells an address that was given up. No advertising,
nothing that a stranger typed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final

from shodaku.content.domain import without_slots
from shodaku.signup.domain import CONFIRMATION_DAYS, OfferedTopic, ShownSender

_RULE: Final = "―" * 20
_URL: Final = re.compile(r"(\{\{ \w+ \}\})")
_SLOT: Final = re.compile(r"\{\{ *(\w+) *\}\}")


@dataclass(frozen=True, slots=True)
class Letter:
    """Slots `{{ confirm }}`, `{{ opt_out }}`, `{{ why }}`, `{{ preferences }}`, each on its own line."""

    subject: str
    text: str
    html: str


def confirmation(
    sender: ShownSender, topics: Sequence[OfferedTopic], language: str, until: datetime, seller: str = ""
) -> Letter:
    """One mail with full display: it is a specified e-mail itself (特定電子メール法4条; model text T4).

    `until` in the clock of the workspace; `seller` are the lines of mail order (特定商取引法11条).
    """
    if language == "en":
        return _letter(
            f"[{sender.display_name}] Please confirm that you want our mail",
            f"Somebody, probably you, asked for these with this address:\n{_list(topics, language)}\n\n"
            "If you want them, open this page and press “Receive”:\n{{ confirm }}\n"
            f"(until {until.day} {until:%b %Y %H:%M}, {CONFIRMATION_DAYS} days after the request)\n\n"
            "If it was not you, do nothing: you are not registered and this address gets nothing more.",
            _display_en(sender, seller),
        )
    return _letter(
        f"【{sender.display_name}】受信の確認をお願いします",
        f"次の案内の受信を申し込まれた方へお送りしています。\n{_list(topics, language)}\n\n"
        "次のページで「受け取る」を押すと登録されます。\n{{ confirm }}\n"
        f"（{until.year}年{until.month}月{until.day}日 {until.hour}時{until.minute:02d}分まで）\n\n"
        "心当たりがなければ何もしないでください。登録されず、以後このアドレスへは送りません。",
        _display_ja(sender, seller),
    )


def invitation(
    sender: ShownSender, topics: Sequence[OfferedTopic], language: str, until: datetime, seller: str = ""
) -> Letter:
    """Answers an empty mail: nothing is chosen yet, the page behind the link shows the wording and asks.

    As `confirmation` a specified e-mail itself, with full display (特定電子メール法4条).
    """
    if language == "en":
        return _letter(
            f"[{sender.display_name}] Please choose what you want to receive",
            "A mail came from this address to sign up. You are not registered yet.\n"
            f"You can choose from:\n{_list(topics, language)}\n\n"
            "Open this page, read what you agree to, tick what you want and press the button:\n"
            "{{ confirm }}\n"
            f"(until {until.day} {until:%b %Y %H:%M}; the link is used once)\n\n"
            "If it was not you, do nothing: you are not registered and this address gets nothing more.",
            _display_en(sender, seller),
        )
    return _letter(
        f"【{sender.display_name}】受け取る案内を選んでください",
        "登録のためのメールを受け取りました。まだ登録されていません。\n"
        f"選べる案内は次のとおりです。\n{_list(topics, language)}\n\n"
        "次のページで内容を確かめ、受け取るものを選んで、ボタンを押すと登録されます。\n{{ confirm }}\n"
        f"（{until.year}年{until.month}月{until.day}日 {until.hour}時{until.minute:02d}分まで。"
        "一度だけ使えます）\n\n"
        "心当たりがなければ何もしないでください。登録されず、以後このアドレスへは送りません。",
        _display_ja(sender, seller),
    )


def welcome(
    sender: ShownSender, topics: Sequence[OfferedTopic], language: str, at: datetime, seller: str = ""
) -> Letter:
    """Says what was agreed to and how to change it; a record for the person's own hands."""
    if language == "en":
        return _letter(
            f"[{sender.display_name}] You are registered",
            f"Thank you. On {at.day} {at:%b %Y at %H:%M} you agreed to receive:\n"
            f"{_list(topics, language)}\n\n"
            "To change what you receive, or to pause:\n{{ preferences }}\n\n"
            "What was recorded, and why you get mail from us:\n{{ why }}",
            _display_en(sender, seller),
        )
    return _letter(
        f"【{sender.display_name}】登録が終わりました",
        f"ありがとうございます。{at.year}年{at.month}月{at.day}日 {at.hour}時{at.minute:02d}分に、"
        f"次の案内の受信に同意いただきました。\n{_list(topics, language)}\n\n"
        "受け取る種類の変更やお休みは、次のページからできます。\n{{ preferences }}\n\n"
        "記録の内容と、届く理由は、次のページで確かめられます。\n{{ why }}",
        _display_ja(sender, seller),
    )


def moved(sender: ShownSender, topics: Sequence[OfferedTopic], language: str, at: datetime) -> Letter:
    """To the address that was given up; the new one is not named, for it may be somebody else's mailbox."""
    contact = without_slots(sender.complaint_contact)
    if language == "en":
        return _letter(
            f"[{sender.display_name}] The address of your mail was changed",
            f"On {at.day} {at:%b %Y at %H:%M} these were moved from this address to another one, "
            f"whose owner confirmed it:\n{_list(topics, language)}\n\n"
            "If you wished it, there is nothing to do.\n\n"
            f"If you did not wish it, please tell us: {contact}\n"
            "The page below stops them at the new address as well.",
            _display_en(sender, ""),
        )
    return _letter(
        f"【{sender.display_name}】受信アドレスの変更のお知らせ",
        f"{at.year}年{at.month}月{at.day}日 {at.hour}時{at.minute:02d}分に、次の案内の受信先が、"
        "このアドレスから別のアドレスへ変更されました（新しいアドレスの持ち主が確認済みです）。\n"
        f"{_list(topics, language)}\n\n"
        "ご自身で変更された場合は、何もする必要はありません。\n\n"
        f"心当たりがない場合は、次の窓口までご連絡ください。\n{contact}\n"
        "下のページで停止すると、新しいアドレスへの配信も止まります。",
        _display_ja(sender, ""),
    )


def _list(topics: Sequence[OfferedTopic], language: str) -> str:
    between = ("（", "）") if language == "ja" else (" (", ")")
    return "\n".join(
        f"・{without_slots(topic.title(language))}{between[0]}{topic.frequency.text(language)}{between[1]}"
        for topic in topics
    )


def _display_ja(sender: ShownSender, seller: str) -> str:
    return (
        "■ 配信の停止\n次のページから、いつでも受信を断ることができます（ログイン不要）。\n{{ opt_out }}\n"
        f"■ 送信者 {without_slots(sender.formal_name)}\n住所 {without_slots(sender.postal_address)}\n"
        f"{_own_lines(seller)}"
        f"■ ご意見・苦情・お問い合わせ {without_slots(sender.complaint_contact)}"
    )


def _display_en(sender: ShownSender, seller: str) -> str:
    return (
        "To stop (配信の停止): here you can refuse our mail at any time, without signing in.\n"
        "{{ opt_out }}\n"
        f"Sender: {without_slots(sender.formal_name)}\nAddress: {without_slots(sender.postal_address)}\n"
        f"{_own_lines(seller)}"
        f"Questions and complaints: {without_slots(sender.complaint_contact)}"
    )


def _own_lines(text: str) -> str:
    return f"{text}\n" if text else ""


def _letter(subject: str, body: str, display: str) -> Letter:
    return Letter(_plain(subject), f"{body}\n\n{_RULE}\n{display}\n{_RULE}\n", _html(body, display))


def _html(body: str, display: str) -> str:
    """Paragraphs and links only: the same words, for readers who see HTML first."""
    parts = "".join(f"<p>{_lines(paragraph)}</p>" for paragraph in body.split("\n\n"))
    style = "font-size:16px;line-height:1.7"
    return f'<html><body style="{style}">{parts}<hr><p>{_lines(display)}</p></body></html>'


def _lines(paragraph: str) -> str:
    linked = (_URL.sub(r'<a href="\1">\1</a>', escape(line, quote=False)) for line in paragraph.split("\n"))
    return "<br>".join(linked)


def _plain(subject: str) -> str:
    """A subject holds no slot and no line break, whatever the sender is called."""
    return " ".join(_SLOT.sub("", subject).split())
