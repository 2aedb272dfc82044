"""The mail with the link to one's own data: it proves the mailbox, and names nothing that is kept. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final

from shodaku.complaints.rights import MAILED_LINK_DAYS
from shodaku.content.domain import without_slots

_RULE: Final = "―" * 20
_LINK: Final = "{{ own_data }}"


@dataclass(frozen=True, slots=True)
class OwnLetter:
    """Slots `{{ own_data }}` and `{{ opt_out }}`, each on its own line."""

    subject: str
    text: str
    html: str


def own_letter(
    display_name: str, formal_name: str, contact: str, language: str, until: datetime
) -> OwnLetter:
    """`until` in the clock of the workspace."""
    name, desk = without_slots(formal_name), without_slots(contact)
    if language == "en":
        return _letter(
            f"[{display_name}] Your own data",
            "Somebody, probably you, asked on your page for a copy of everything kept about you.\n\n"
            f"Open this page to read it or to save it. It works once:\n{_LINK}\n"
            f"(until {until.day} {until:%b %Y %H:%M}, {MAILED_LINK_DAYS} days after the request)\n\n"
            "Whoever opens it sees your data: do not pass this mail on. "
            "If it was not you, do nothing: nobody gets anything.",
            f"To stop (配信の停止):\n{{{{ opt_out }}}}\nSender: {name}\nQuestions and complaints: {desk}",
        )
    return _letter(
        f"【{display_name}】ご自身の記録のご案内",
        "お客様のページから、保有している記録の写しのご請求がありました。\n\n"
        f"次のページで、記録を読むことも保存することもできます。使えるのは一度だけです。\n{_LINK}\n"
        f"（{until.year}年{until.month}月{until.day}日 {until.hour}時{until.minute:02d}分まで）\n\n"
        "開いた方にはお客様の記録が見えます。このメールを転送しないでください。"
        "心当たりがなければ何もしないでください。どなたにも記録は渡りません。",
        f"■ 配信の停止\n{{{{ opt_out }}}}\n■ 送信者 {name}\n■ ご意見・苦情・お問い合わせ {desk}",
    )


def _letter(subject: str, body: str, display: str) -> OwnLetter:
    subject = " ".join(without_slots(subject).split())
    return OwnLetter(subject, f"{body}\n\n{_RULE}\n{display}\n{_RULE}\n", _html(body, display))


def _html(body: str, display: str) -> str:
    parts = "".join(f"<p>{_lines(paragraph)}</p>" for paragraph in body.split("\n\n"))
    style = "font-size:16px;line-height:1.7"
    return f'<html><body style="{style}">{parts}<hr><p>{_lines(display)}</p></body></html>'


def _lines(text: str) -> str:
    lines = escape(text, quote=False).split("\n")
    return "<br>".join(f'<a href="{each}">{each}</a>' if each.startswith("{{ ") else each for each in lines)
