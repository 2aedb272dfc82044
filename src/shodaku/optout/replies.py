"""The one text that answers a text: stopped, help, the way back in. No advertising in any of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_COMPANY_FORMS: Final = {
    "株式会社": "(株)", "有限会社": "(有)", "合同会社": "(同)", "合名会社": "(名)", "合資会社": "(資)",
    "一般社団法人": "(一社)", "一般財団法人": "(一財)",
}  # fmt: skip
_FREQUENCIES_MAX: Final = 3


def short_name(formal_name: str) -> str:
    """The registered name with its company form abbreviated; a brand alone would be none (法4条1号)."""
    for form, short in _COMPANY_FORMS.items():
        formal_name = formal_name.replace(form, short)
    return formal_name


def stopped(name: str, language: str) -> str:
    """Model text T3; 47 CFR 64.1200(a)(12): confirms, and nothing else."""
    if language == "en":
        return f"[{name}] You are opted out. No more advertising will be sent."
    return f"[{name}]配信を停止しました。今後、広告はお送りしません。"


def help_text(name: str, brand: str, often: Sequence[str], contact: str, language: str) -> str:
    """Names brand, frequency, rates, help and stop (US-03)."""
    distinct = list(dict.fromkeys(often))[:_FREQUENCIES_MAX]
    if language == "en":
        frequency = f"{', '.join(distinct)}. " if distinct else "Frequency varies. "
        return (
            f"[{name}] News from {brand}: {frequency}Message and data rates may apply. "
            f"Help: {contact} Reply STOP to opt out."
        )
    frequency = "、".join(distinct) if distinct else "回数は不定"
    return (
        f"[{name}]{brand}からの案内({frequency})。受信や返信に通信料がかかることがあります。"
        f"お問い合わせ: {contact} 配信の停止は「停止」と返信してください。"
    )


def begin_again(name: str, form: str | None, contact: str, language: str, *, mailed: bool) -> str:
    """Where one can sign up; a text that says so would be no consent. A link ends its line: phones swallow
    what follows it.
    """
    where = form or contact
    if language == "en":
        mail = "If we know your e-mail address, a mail asks you to confirm. " if mailed else ""
        return f"[{name}] {mail}Sign up here: {where}"
    mail = "メールアドレスのご登録があれば、確認のメールをお送りします。" if mailed else ""
    return f"[{name}]{mail}お申し込みはこちらから: {where}"
