"""Freeze a draft into what leaves: checked, cleaned, with the legal display; and show it to who wrote it."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from html import escape
from typing import Final
from uuid import UUID

import minijinja
from inscriptis import get_text
from inscriptis.model.config import ParserConfig

from shodaku.accounts.domain import Sender
from shodaku.content.accepted import ENDINGS, accept, check_together
from shodaku.content.as_code import as_code
from shodaku.content.back_numbers import (
    NewBackNumber,
    choose_search,
    publish_back_number,
    withdraw_back_number,
)
from shodaku.content.brand import Brand
from shodaku.content.brands import choose_logo, save_brand
from shodaku.content.clicks import NOTHING, PIXEL, Measured, Numbered, numbered
from shodaku.content.composing import Composed, compose
from shodaku.content.composing_source import compose_source
from shodaku.content.domain import (
    FIELDS,
    HTML_BYTES_MAX,
    LINKS,
    SUBJECT_CHARACTERS_MAX,
    TEXT_BYTES_MAX,
    Draft,
    FooterItems,
    Frozen,
    KeptFile,
    Marked,
    Preview,
    SenderDisplay,
    TemplateFault,
    ads_in,
    ads_of,
    footer_html,
    footer_text,
    images_named_in,
    items_of,
    without_marks,
    without_promotions,
)
from shodaku.content.fields import check_fields
from shodaku.content.kept_files import carry_files, copy_files, drop_file, hold_files, keep_files
from shodaku.content.kept_pictures import (
    NoPicture,
    PictureIsLogo,
    TooManyPictures,
    add_pictures,
    describe_picture,
    remove_picture,
    show_pictures,
)
from shodaku.content.kept_templates import (
    TemplateNameFault,
    TooManyTemplates,
    archive_template,
    keep_template,
)
from shodaku.content.markup import split_styles, tidy
from shodaku.content.merge_fields import KNOWN, SLOT, fallback_of, key_of, value_in
from shodaku.content.picture import Picture
from shodaku.content.redrawn import redraw
from shodaku.content.render import Draft as Form
from shodaku.content.render import SenderIdentity, compile_message, lint_compiled, untracked
from shodaku.content.sampled import sampled
from shodaku.content.shown_items import ShownItems, shown_items
from shodaku.content.slots import SlotMisplaced, places
from shodaku.content.source import Source, Written
from shodaku.kit.links import LinkKeys, Purpose
from shodaku.policy.domain import AD_CLASSES, Ads, DisplayReport, MessageClass

__all__ = [
    "ENDINGS",
    "Composed",
    "NewBackNumber",
    "NoPicture",
    "PictureIsLogo",
    "ShownItems",
    "TemplateNameFault",
    "TooManyPictures",
    "TooManyTemplates",
    "accept",
    "add_pictures",
    "archive_template",
    "as_code",
    "carry_files",
    "check_together",
    "choose_logo",
    "choose_search",
    "compose",
    "compose_written",
    "copy_files",
    "describe_picture",
    "drop_file",
    "freeze",
    "hold_files",
    "keep_files",
    "keep_template",
    "preview",
    "preview_document",
    "public_copy",
    "publish_back_number",
    "redraw",
    "remove_picture",
    "save_brand",
    "show_pictures",
    "shown_items",
    "withdraw_back_number",
]

FUEL: Final = 50_000  # steps of minijinja; slots alone need a few each
_WITH_LINKS: Final = ParserConfig(display_links=True)
# in place of merge fields on a page for everybody; `name` has its honorific
_EVERYBODY: Final = {
    "ja": dict.fromkeys(FIELDS, "○○") | {"name": "お客様"},
    "en": dict.fromkeys(FIELDS, "…") | {"name": "reader"},
}
_SAMPLE_KEYS: Final = LinkKeys({0: bytes(16)})  # of links that nobody is ever sent
_SAMPLE_IDENTITY: Final = SenderIdentity(
    "Sample", "sample@sample.example", "sample.example", "https://sample.example"
)


def freeze(
    draft: Draft,
    sender: Sender,
    topic: str,
    language: str,
    message_class: MessageClass = MessageClass.ADVERTISING,
    *,
    mail_order: bool = False,
    bought: str | None = None,
    items: FooterItems | None = None,
    measured: Measured = NOTHING,
    files: Sequence[KeptFile] = (),
) -> Frozen:
    """What exactly will be sent, merge fields left open. The same draft gives the same bytes.

    `mail_order`: the sender sells to consumers at a distance. `bought`: what the people of a notice bought,
    which is why they get it, and no topic. `items` are for who asks what becomes of an
    incomplete display; whatever is sent has the sender's own. `measured`: whether links and openings are
    counted of who allows it. `files`: those it carries. Raises TemplateFault with the field, the line and
    what to do.
    """
    marked = _marked(draft)
    _check_images(marked.html, files)
    check_together(files)
    items = items or items_of(sender, topic, language, mail_order=mail_order, bought=bought)
    footer = (footer_text(items, language), footer_html(items, language))
    ads = ads_of(message_class)
    if ads is not Ads.MAIN:
        ads = ads_in(_sampled(marked))
    body, links = _measured(without_marks(marked), sender, measured)
    whole = _with_footer(body, footer)
    reduced = _with_footer(_reduced(draft, marked), footer) if ads is Ads.INCIDENTAL else None
    parts = [part for each in (whole, reduced) if each for part in (each.subject, each.text, each.html)]
    parts += [f"{each.name}\n{each.sha256}" for each in files]
    parts += [sender.display_name or sender.formal_name, sender.from_address]  # the From line, seen first
    return Frozen(
        whole.subject,
        whole.text,
        whole.html or None,
        links,
        ads,
        _lint(whole, links, sender, message_class, mail_order=mail_order),
        hashlib.sha256("\0".join((*parts, *links)).encode()).hexdigest(),
        reduced,
        tuple(files),
    )


def _measured(body: Marked, sender: Sender, measured: Measured) -> tuple[Marked, tuple[str, ...]]:
    """What was written, its links numbered and a pixel below it, and the targets; the display has neither."""
    found = Numbered(body.text, body.html, ())
    if measured.click_links:
        legal = (sender.sales_terms_url, sender.contact_url)
        found = numbered(body.text, body.html, base=measured.base, legal=legal)
    html = found.html
    if measured.open_pixel and html is not None:
        html += PIXEL
    return Marked(body.subject, found.text, html), found.links


def _check_images(html: str | None, files: Sequence[KeptFile]) -> None:
    """What the HTML shows is there, and is a picture."""
    pictures = {each.reference for each in files if each.is_image}
    for name in images_named_in(html or ""):
        if name not in pictures:
            raise TemplateFault(
                "html",
                f"HTMLが表示する画像「{name}」が、この配信のファイルにありません。追加するか、HTMLから取り除いてください。",
                f"The HTML shows the picture “{name}”, which is not among the files of this mail. "
                "Add it, or take it out of the HTML.",
            )


def _marked(draft: Draft) -> Marked:
    """Checked and cleaned, promotional marks still in it."""
    html = _html(draft.html)
    text = _text(draft.text, None if html is None else without_marks(Marked("", "", html)).html)
    marked = Marked(_subject(draft.subject), text, html)
    if not without_marks(marked).subject.strip():
        raise _no_subject()
    return marked


def _reduced(draft: Draft, marked: Marked) -> Marked:
    """A text that nobody wrote tells the HTML, and so without what was cut from it."""
    reduced = without_promotions(marked)
    if draft.text.strip() or reduced.html is None:
        return reduced
    return reduced._replace(text=get_text(reduced.html, _WITH_LINKS))


def _with_footer(body: Marked, footer: tuple[str, str]) -> Draft:
    text, html = footer
    whole_html = "" if body.html is None else f"{body.html}\n{html}"
    return Draft(body.subject, f"{body.text.rstrip()}\n\n{text}", whole_html)


def _sampled(marked: Marked) -> Marked:
    """A merge field is as long as the sample person's."""
    shown = _shown(*marked)
    return Marked(shown.subject, shown.text, shown.html)


def _lint(
    whole: Draft,
    links: tuple[str, ...],
    sender: Sender,
    message_class: MessageClass,
    *,
    mail_order: bool,
) -> DisplayReport:
    """As the sample person would get it; who sends from where is asked again when it is launched."""
    listed = message_class in AD_CLASSES and message_class is not MessageClass.CONSENT_REQUEST
    compiled = compile_message(
        Form(whole.subject, whole.text, whole.html or None, links),
        _SAMPLE_IDENTITY,
        workspace_id=1,
        subject_id=1,
        links=_SAMPLE_KEYS,
        purpose=Purpose.DELIVERY,
        list_id="list.sample.example" if listed else None,
        one_click=listed,
    )
    return lint_compiled(compiled, SenderDisplay.of(sender, mail_order=mail_order), one_click=listed)


def preview(frozen: Frozen, values: Mapping[str, str] | None = None) -> Preview:
    """As one person would see it; without values, as the sample person. Its own pages lead nowhere."""
    plain = untracked(Form(frozen.subject, frozen.text, frozen.html, frozen.links))
    return _shown(plain.subject, plain.text, plain.html, values)


def compose_written(
    written: Written, pictures: Mapping[UUID, Picture], brand: Brand, language: str = "ja"
) -> Composed:
    """Of blocks or of code. Raises TemplateFault with the first thing that is wrong or missing."""
    if not isinstance(written, Source):
        return compose(written, pictures, brand, language)
    composed = compose_source(written, pictures, brand, language)
    try:
        _html(composed.html)
    except TemplateFault as fault:
        raise fault.without_line() from fault  # of what was made
    return composed


def preview_document(written: Written, pictures: Mapping[UUID, Picture], brand: Brand, language: str) -> str:
    """HTML of a template as the sample person would see it, its gaps filled with what belongs there.

    Raises TemplateFault for code with something wrong in it.
    """
    whole = written if isinstance(written, Source) else sampled(written, pictures.keys(), language)
    return _shown("", "", compose_written(whole, pictures, brand, language).html).html or ""


def public_copy(draft: Draft, language: str) -> Marked:
    """For everybody: general words in place of merge fields, no links of anybody's own, no display of a mail.

    Raises TemplateFault: a picture that the mail carries is in no other place.
    """
    marked = without_marks(_marked(draft))
    if images_named_in(marked.html or ""):
        raise TemplateFault(
            "html",
            "メールに付けた画像は、公開のページでは表示できません。画像の一覧にある画像を使った配信だけを公開できます。",
            "Pictures that a mail carries cannot be shown outside of it. Use pictures of the library in "
            "mails that everybody may see.",
        )
    words = _EVERYBODY["en" if language == "en" else "ja"]
    text, html = words | dict.fromkeys(LINKS, ""), words | dict.fromkeys(LINKS, "#")
    return Marked(
        SLOT.sub(lambda slot: fallback_of(slot[1]) or text[slot[1]], marked.subject),
        SLOT.sub(lambda slot: fallback_of(slot[1]) or text[slot[1]], marked.text),
        None
        if marked.html is None
        else SLOT.sub(lambda slot: escape(fallback_of(slot[1]) or html[slot[1]]), marked.html),
    )


def _shown(subject: str, text: str, html: str | None, values: Mapping[str, str] | None = None) -> Preview:
    shown = {name: field.sample for name, field in FIELDS.items()} | dict.fromkeys(KNOWN - FIELDS.keys(), "#")
    shown |= values or {}
    return Preview(
        SLOT.sub(lambda slot: value_in(slot[1], shown), subject),
        SLOT.sub(lambda slot: value_in(slot[1], shown), text),
        None if html is None else SLOT.sub(lambda slot: escape(value_in(slot[1], shown)), html),
    )


def _subject(source: str) -> str:
    subject = source.strip()
    if not subject:
        raise _no_subject()
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


def _no_subject() -> TemplateFault:
    return TemplateFault("subject", "件名を入力してください。", "Enter a subject.")


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


def _keys_alone(source: str) -> str:
    """Words in place of a field would be a filter to the library."""
    return SLOT.sub(lambda slot: f"{{{{ {key_of(slot[1])} }}}}", source)


def _compiles(part: str, source: str, known: Collection[str] = KNOWN) -> None:
    """Merge fields and nothing else; so the library behind it never sees what could keep it busy.

    Its parser overflows the stack on nested expressions (minijinja 3.0, 100,000 signs) and would take the
    process with it, so what is no merge field is refused before, not by it.
    """
    check_fields(part, source, known)
    try:
        minijinja.Environment(fuel=FUEL).render_str(_keys_alone(source), **dict.fromkeys(known, ""))
    except minijinja.TemplateError as fault:
        raise TemplateFault(
            part,
            "差し込みの書き方が正しくありません。{{ name }} のように書いてください。",
            "A merge field is not written correctly. Write {{ name }}.",
            getattr(fault, "line", None),
        ) from fault
