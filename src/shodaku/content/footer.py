"""The legal display that every advertising mail carries: generated, and out of reach of who writes the mail.

Items and their order: 特定電子メール法4条, 施行規則7条-9条, with mail order 特定商取引法11条 (LAW.md
section 5, model text T1). The words that one may refuse stand right above the address at which one does, in
HTML in the link itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import Final, NamedTuple

from shodaku.accounts.domain import Sender
from shodaku.content.merge_fields import without_slots

RULE: Final = "――――――――――――――――――――"
# of its own, so that no colour or size of the mail around it reaches the display
STYLE: Final = "color:#333333;background-color:#ffffff;font-size:14px;line-height:1.7;padding:16px"


class WordsAt(StrEnum):
    """Where the words stand that say that one may refuse."""

    ADJACENT = "adjacent"
    ELSEWHERE = "elsewhere"  # as no mail of ours has them; for asking what becomes of one that does


@dataclass(frozen=True, slots=True, kw_only=True)
class FooterItems:
    """None leaves an item out. Whoever sends passes `items_of`, which has them all."""

    why: str | None
    opt_out_words: str | None
    opt_out: str | None = "{{ opt_out }}"
    optout_words_at: WordsAt = WordsAt.ADJACENT
    name: str | None
    address: str | None
    address_link: str | None = None  # words that point to `about` instead: 会社概要はこちら
    contact: str | None
    contact_link: str | None = None
    about: str = "{{ preferences }}"  # each page of ours shows who sends, and where to complain
    phone: str | None = None  # this and the next three: of a seller at a distance
    responsible_person: str | None = None
    seller_email: str | None = None
    sales_terms: str | None = None


def items_of(
    sender: Sender, topic: str, language: str, *, mail_order: bool = False, bought: str | None = None
) -> FooterItems:
    """The complete display of this sender; a fact that nobody filled in is left out, and found missing."""
    says = _JA if language == "ja" else _EN
    return FooterItems(
        why=says.why.format(_line(topic)) if bought is None else says.why_bought.format(_line(bought)),
        opt_out_words=says.words,
        name=_line(sender.formal_name) or None,
        address=_line(sender.postal_address) or None,
        contact=_line(sender.complaint_contact) or None,
        phone=(_line(sender.contact_phone) or None) if mail_order else None,
        responsible_person=(_line(sender.responsible_person) or None) if mail_order else None,
        seller_email=(_line(sender.contact_email) or None) if mail_order else None,
        sales_terms=(_line(sender.sales_terms_url) or None) if mail_order else None,
    )


def footer_text(items: FooterItems, language: str) -> str:
    lines = [line for group in _groups(items, language) for line in group]
    return "\n".join([RULE, *(written for line in lines for written in _written(line)), RULE, ""])


def footer_html(items: FooterItems, language: str, *, style: str = "") -> str:
    """The same items as characters, never a picture (施行規則7条2項).

    `style` is CSS on the display itself, stronger than its own: for who asks what becomes of a display that
    cannot be seen. CSS around it reaches nothing, for it has colours and a size of its own.
    """
    groups = _groups(items, language)
    # in lines: 8bit carries none of more than 998 octets, and each place of a value counts 200
    paragraphs = "\n".join(f"<p>{'<br>'.join(map(_marked, group))}</p>" for group in groups)
    return f'<div style="{escape(f"{STYLE};{style}" if style else STYLE)}"><hr>\n{paragraphs}\n</div>'


def seller_text(sender: Sender, language: str) -> str:
    """Lines of what mail order shows besides, for a mail that has a display of its own."""
    says = _JA if language == "ja" else _EN
    lines = _seller(items_of(sender, "", language, mail_order=True), says)
    return "\n".join(written for line in lines for written in _written(line))


class _Says(NamedTuple):
    """What stands around the items; none of it may be a word of SE-13 or, beside an address, of SE-14."""

    why: str
    why_bought: str
    record: str
    words: str
    page: str
    choose: str
    sender: str
    address: str
    contact: str
    seller: str
    responsible: str
    phone: str
    email: str
    terms: str


_JA: Final = _Says(
    why="このメールは、「{}」の受信に同意された方へお送りしています。",
    why_bought="このメールは、「{}」を購入された方へのお知らせです。",
    record="届いた理由と同意の記録",
    words="配信の停止はこちら。いつでも手数料なしで受信を断ることができます(ログイン不要)",
    page="手続きのページ",
    choose="受け取る種類を選び直すとき",
    sender="■ 送信者",
    address="住所",
    contact="■ ご意見・苦情・お問い合わせ",
    seller="販売業者",
    responsible="責任者",
    phone="電話",
    email="メール",
    terms="価格・送料・支払・引渡し・返品などの条件",
)
_EN: Final = _Says(
    why="You get this mail because you agreed to receive “{}”.",
    why_bought="You get this notice because you bought “{}”.",
    record="Why you get this, and the record of your consent",
    words="Unsubscribe (配信停止): you can stop these mails here at any time, without cost or sign-in",
    page="Your page",
    choose="Choose topics again",
    sender="Sender:",
    address="Address:",
    contact="Questions and complaints:",
    seller="Seller",
    responsible="responsible person",
    phone="telephone",
    email="e-mail",
    terms="Prices, shipping, payment, delivery and returns",
)


class _Link(NamedTuple):
    words: str
    address: str
    beside: bool = False  # in text on one line with its words, as a pointer must stand (SE-14)


def _groups(items: FooterItems, language: str) -> list[list[str | _Link]]:
    """Paragraphs of lines: why it came, how to stop, who sends, where to complain."""
    says = _JA if language == "ja" else _EN
    adjacent = items.optout_words_at is WordsAt.ADJACENT
    stop = (items.opt_out_words if adjacent else None) or says.page
    groups: list[list[str | _Link]] = [
        [items.why, _Link(says.record, "{{ why }}")] if items.why else [],
        [_Link(stop, items.opt_out)] if items.opt_out else _lines(items.opt_out_words if adjacent else None),
        [_Link(says.choose, "{{ preferences }}")],
        [*_sender(items, says), *_seller(items, says)],
        _pointed(says.contact, items.contact, items.contact_link, items.about),
        [] if adjacent else _lines(items.opt_out_words),
    ]
    return [group for group in groups if group]


def _sender(items: FooterItems, says: _Says) -> list[str | _Link]:
    named = _labelled(says.sender, items.name)
    return [*_lines(named), *_pointed(says.address, items.address, items.address_link, items.about)]


def _seller(items: FooterItems, says: _Says) -> list[str | _Link]:
    facts = (
        _labelled(says.responsible, items.responsible_person),
        _labelled(says.phone, items.phone),
        _labelled(says.email, items.seller_email),
    )
    shown = [fact for fact in facts if fact]
    lines: list[str | _Link] = [" ".join(filter(None, (says.seller, items.name, *shown)))] if shown else []
    return [*lines, _Link(says.terms, items.sales_terms)] if items.sales_terms else lines


def _pointed(label: str, item: str | None, words: str | None, page: str) -> list[str | _Link]:
    lines = _lines(_labelled(label, item))
    return [*lines, _Link(words, page, beside=True)] if words else lines


def _labelled(label: str, item: str | None) -> str | None:
    return f"{label} {item}" if item else None


def _lines(line: str | None) -> list[str | _Link]:
    return [line] if line else []


def _written(line: str | _Link) -> list[str]:
    if not isinstance(line, _Link):
        return [line]
    return [f"{line.words}: {line.address}"] if line.beside else [f"{line.words}:", line.address]


def _marked(line: str | _Link) -> str:
    if isinstance(line, _Link):
        # as its words around it: the blue of a browser is not read on every ground
        return f'<a href="{escape(line.address)}" style="color:inherit">{escape(line.words)}</a>'
    return escape(line)


def _line(text: str) -> str:
    """One line, and no merge field: a name with braces or a break must not move what stands below it."""
    return without_slots(" ".join(text.split()))
