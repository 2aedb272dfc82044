"""The message of a send case as somebody would write it, under the product's own footer.

An item of the display that the case takes away is left out of the footer, in both parts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import Any, Final

from shodaku.accounts.domain import Sender
from shodaku.config.conformance.words import UnknownWord, one_of, only
from shodaku.content.domain import FooterItems, WordsAt, footer_html, footer_text, items_of

SMS_LINK: Final = "https://a.example/s/AbC1234"
PIXEL: Final = '<p><img data-open-pixel src="https://a.example/o.gif" alt=""></p>'
PROMOTION: Final = "本日かぎり全品20%引き。お買い物はこちらから。"
_PARAGRAPHS: Final = (
    "{{ name }}",
    "いつもありがとうございます。今月のお知らせをお送りします。",
    "年末の営業日と、窓口の受付時間が変わります。店頭の掲示も、あわせてご覧ください。",
    "詳しいことは、ご注文の控えと一緒にお送りした案内にも書いてあります。",
)
# items whose word in the suite is their name in the footer
_SAME: Final = frozenset(
    (
        *("name", "address", "address_link", "contact", "contact_link"),
        *("phone", "responsible_person", "seller_email", "sales_terms"),
    )
)
_FOOTER_KEYS: Final = _SAME | {
    *("optout", "optout_words", "optout_words_at", "reply_to_from_suffices", "as", "style"),
}


@dataclass(frozen=True, slots=True)
class Display:
    """The footer of a case, and how it is shown."""

    items: FooterItems
    reply_suffices: bool = False
    as_image: bool = False
    style: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str | None


def display_of(words: Any, sender: Sender, *, mail_order: bool, why: bool) -> Display:  # noqa: ANN401 - YAML
    """Raises UnknownWord."""
    items = items_of(sender, "news", "ja", mail_order=mail_order)
    # the contact for complaints apart from telephone and mailbox, which are items of their own here
    items = replace(items, contact=sender.contact_url, why=items.why if why else None)
    if words is None or words == "complete":
        return Display(items)
    shown = Display(items)
    for key, value in only(words, _FOOTER_KEYS, "message.footer").items():
        shown = _changed(shown, key, value)
    return shown


def _changed(shown: Display, key: str, value: Any) -> Display:  # noqa: ANN401 - what YAML holds
    items, where = shown.items, f"message.footer.{key}"
    match key:
        case "optout" if value in (None, "header_only"):
            return replace(shown, items=replace(items, opt_out=None))
        case "optout":
            raise UnknownWord(hint=f"{where}: {value!r}")
        case "optout_words":
            return replace(shown, items=replace(items, opt_out_words=value))
        case "optout_words_at":
            at = WordsAt(one_of(value, frozenset(WordsAt), where))
            return replace(shown, items=replace(items, optout_words_at=at))
        case "reply_to_from_suffices":
            return replace(shown, reply_suffices=bool(value))
        case "as":
            return replace(shown, as_image=one_of(value, {"image", "text"}, where) == "image")
        case "style":
            return replace(shown, style=str(value or ""))
        case "address_link" | "contact_link" if str(value).startswith("https://"):
            pointer: dict[str, Any] = {key: "会社概要・お問い合わせはこちら", "about": value}
            return replace(shown, items=replace(items, **pointer))
        case _:
            changes: dict[str, Any] = {key: value}
            return replace(shown, items=replace(items, **changes))


def mail(subject: str, shown: Display, *, ads: str, pr_label: str | None) -> Letter:
    """`ads`: none, incidental or main, marked as the editor marks promotional blocks."""
    paragraphs = [*([pr_label] if pr_label else []), *_PARAGRAPHS]
    text, html = list(paragraphs), [f"<p>{escape(each)}</p>" for each in paragraphs]
    if ads != "none":
        place = 0 if ads == "main" else len(text)
        text.insert(place, f"[ad]\n{PROMOTION}\n[/ad]")
        html.insert(place, f'<div data-promotion=""><p>{PROMOTION}</p></div>')
    footer = footer_text(shown.items, "ja")
    if shown.as_image:
        picture = f'<p><img src="https://a.example/footer.png" alt="{escape(" ".join(footer.split()))}"></p>'
        return Letter(subject, "\n\n".join(text) + "\n", "\n".join([*html, picture]))
    marked = footer_html(shown.items, "ja", style=shown.style)
    return Letter(subject, "\n\n".join([*text, footer]), "\n".join([*html, marked]))


def short_text(shown: Display) -> str:
    """An advertising SMS (law/texts_ja.md T3), with the items of the display that there are."""
    items = shown.items
    name = f"[{items.name.replace('株式会社', '(株)')}]" if items.name else ""
    words = "停止・住所・窓口:" if items.opt_out_words else ""
    return f"{name}本日のお知らせ {words}{SMS_LINK if items.opt_out else ''}".strip()
