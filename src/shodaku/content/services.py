"""Freeze a draft into what leaves: checked, cleaned, with the legal display; and show it to who wrote it."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Mapping
from html import escape
from typing import Final

import minijinja
from inscriptis import get_text
from inscriptis.model.config import ParserConfig

from shodaku.accounts.domain import Sender
from shodaku.content.display import display_missing
from shodaku.content.domain import (
    FIELDS,
    HTML_BYTES_MAX,
    SUBJECT_CHARACTERS_MAX,
    TEXT_BYTES_MAX,
    Draft,
    Frozen,
    Preview,
    TemplateFault,
    ads_of,
    footer_html,
    footer_text,
)
from shodaku.content.fields import check_fields
from shodaku.content.markup import split_styles, tidy
from shodaku.content.merge_fields import KNOWN
from shodaku.content.slots import SLOT, SlotMisplaced, places
from shodaku.policy.domain import MessageClass

FUEL: Final = 50_000  # steps of minijinja; slots alone need a few each
_WITH_LINKS: Final = ParserConfig(display_links=True)


def freeze(
    draft: Draft,
    sender: Sender,
    topic: str,
    language: str,
    message_class: MessageClass = MessageClass.ADVERTISING,
) -> Frozen:
    """What exactly will be sent, merge fields left open. The same draft gives the same bytes.

    Raises TemplateFault with the field, the line and what to do.
    """
    subject = _subject(draft.subject)
    html = _html(draft.html)
    text = _text(draft.text, html)
    whole_text = f"{text.rstrip()}\n\n{footer_text(sender, topic, language)}"
    whole_html = None if html is None else f"{html}\n{footer_html(sender, topic, language)}"
    digest = hashlib.sha256("\0".join((subject, whole_text, whole_html or "")).encode()).hexdigest()
    return Frozen(
        subject,
        whole_text,
        whole_html,
        (),
        ads_of(message_class),
        display_missing(whole_text, whole_html, sender),
        digest,
    )


def preview(frozen: Frozen, values: Mapping[str, str] | None = None) -> Preview:
    """As one person would see it; without values, as the sample person. Its links lead nowhere."""
    shown = {name: field.sample for name, field in FIELDS.items()} | dict.fromkeys(KNOWN - FIELDS.keys(), "#")
    shown |= values or {}
    return Preview(
        SLOT.sub(lambda slot: shown[slot[1]], frozen.subject),
        SLOT.sub(lambda slot: shown[slot[1]], frozen.text),
        None if frozen.html is None else SLOT.sub(lambda slot: escape(shown[slot[1]]), frozen.html),
    )


def _subject(source: str) -> str:
    subject = source.strip()
    if not subject:
        raise TemplateFault("subject", "件名を入力してください。", "Enter a subject.")
    if len(subject) > SUBJECT_CHARACTERS_MAX:
        raise TemplateFault("subject", "件名は200文字までです。", "A subject has at most 200 characters.")
    if "=?" in subject or any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in subject):
        raise TemplateFault(
            "subject",
            "件名に使えない文字(改行、制御文字、「=?」)があります。取り除いてください。",
            "The subject holds characters that cannot stand there (line breaks, control characters, “=?”).",
        )
    _compiles("subject", subject, FIELDS)  # an address of ours says nothing in a subject
    return subject


def _text(source: str, html: str | None) -> str:
    text = source if source.strip() or html is None else get_text(html, _WITH_LINKS)
    if not text.strip():
        raise TemplateFault("text", "本文を入力してください。", "Enter a text.")
    if len(text.encode("utf-8", "surrogatepass")) > TEXT_BYTES_MAX:
        raise TemplateFault(
            "text", "本文が長すぎます。200 KBまでです。", "The text is too long: at most 200 KB."
        )
    _compiles("text", text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _html(source: str) -> str | None:
    if not source.strip():
        return None
    if len(source.encode("utf-8", "surrogatepass")) > HTML_BYTES_MAX:
        raise TemplateFault(
            "html", "HTMLが長すぎます。500 KBまでです。", "The HTML is too long: at most 500 KB."
        )
    written, css = split_styles(source)
    _compiles("html", written)
    html = tidy(written, css)
    check_fields("html", html)  # again: `&#123;` is a brace only now
    try:
        places(html, KNOWN - FIELDS.keys())
    except SlotMisplaced as fault:
        raise TemplateFault(
            "html",
            f"差し込み {fault.hint} はここでは使えません。文章の中か、リンクの途中に置いてください。",
            f"The merge field {fault.hint} cannot stand there. Put it into text, or inside a link.",
        ) from fault
    return html


def _compiles(part: str, source: str, known: Collection[str] = KNOWN) -> None:
    """Merge fields and nothing else; so the library behind it never sees what could keep it busy.

    Its parser overflows the stack on nested expressions (minijinja 3.0, 100,000 signs) and would take the
    process with it, so what is no merge field is refused before, not by it.
    """
    check_fields(part, source, known)
    try:
        minijinja.Environment(fuel=FUEL).render_str(source, **dict.fromkeys(known, ""))
    except minijinja.TemplateError as fault:
        raise TemplateFault(
            part,
            "差し込みの書き方が正しくありません。{{ name }} のように書いてください。",
            "A merge field is not written correctly. Write {{ name }}.",
            getattr(fault, "line", None),
        ) from fault
