"""The legal display that every advertising mail carries: generated, and out of reach of who writes the mail.

Items and their order: 特定電子メール法4条, 施行規則7条-9条 (LAW.md section 5). The words that one may
refuse stand right above the address at which one does, in HTML in the link itself.
"""

from __future__ import annotations

from html import escape
from typing import Final

from shodaku.accounts.domain import Sender
from shodaku.content.merge_fields import without_slots

RULE: Final = "――――――――――――――――――――"
# of its own, so that no colour or size of the mail around it reaches the display
_STYLE: Final = "color:#333333;background-color:#ffffff;font-size:14px;line-height:1.7;padding:16px"
_LABELS: Final = {
    "ja": ("配信を停止する(ログイン不要・手数料なし)", "届いた理由と記録", "受け取る種類を選び直す"),
    "en": (
        "Unsubscribe (配信停止): no sign-in, no cost",
        "Why you get this, and the record",
        "Choose topics again",
    ),
}


def footer_text(sender: Sender, topic: str, language: str) -> str:
    lines = _ja(sender, topic) if language == "ja" else _en(sender, topic)
    return "\n".join([RULE, *lines, RULE, ""])


def footer_html(sender: Sender, topic: str, language: str) -> str:
    """The same items as characters, never a picture (施行規則7条2項)."""
    stop, why, choose = _LABELS["ja" if language == "ja" else "en"]
    about = _why_ja(topic) if language == "ja" else _why_en(topic)
    named = _sender_ja(sender) if language == "ja" else _sender_en(sender)
    return (
        f'<div style="{_STYLE}"><hr><p>{escape(about)}<br><a href="{{{{ why }}}}">{why}</a></p>'
        f'<p><a href="{{{{ opt_out }}}}">{stop}</a></p>'
        f'<p><a href="{{{{ preferences }}}}">{choose}</a></p>'
        "<p>" + "<br>".join(escape(line) for line in named) + "</p></div>"
    )


def _ja(sender: Sender, topic: str) -> list[str]:
    return [
        _why_ja(topic),
        "届いた理由と同意の記録:",
        "{{ why }}",
        "■ 配信の停止",
        "次のページから、いつでも手数料なしで受信を断ることができます(ログイン不要):",
        "{{ opt_out }}",
        "受け取る種類を選び直すとき:",
        "{{ preferences }}",
        *_sender_ja(sender),
    ]


def _en(sender: Sender, topic: str) -> list[str]:
    return [
        _why_en(topic),
        "Why you get this, and the record of your consent:",
        "{{ why }}",
        "You can stop (unsubscribe from) these mails at any time, without cost or sign-in (配信停止):",
        "{{ opt_out }}",
        "Choose topics again:",
        "{{ preferences }}",
        *_sender_en(sender),
    ]


def _why_ja(topic: str) -> str:
    return f"このメールは、「{_line(topic)}」の受信に同意された方へお送りしています。"


def _why_en(topic: str) -> str:
    return f"You get this mail because you agreed to receive “{_line(topic)}”."


def _sender_ja(sender: Sender) -> list[str]:
    return [
        f"■ 送信者 {_line(sender.formal_name)}",
        f"住所 {_line(sender.postal_address)}",
        f"■ ご意見・苦情・お問い合わせ {_line(sender.complaint_contact)}",
    ]


def _sender_en(sender: Sender) -> list[str]:
    return [
        f"Sender: {_line(sender.formal_name)}",
        f"Address: {_line(sender.postal_address)}",
        f"Questions and complaints: {_line(sender.complaint_contact)}",
    ]


def _line(text: str) -> str:
    """One line, and no merge field: a name with braces or a break must not move what stands below it."""
    return without_slots(" ".join(text.split()))
