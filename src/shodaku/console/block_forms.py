"""A mail in blocks as a form: one block is a few ordinary fields, and what was sent is a document again.

Two ways lead from a text block: the field somebody types into, and the JSON that the editor in the browser
writes in its place. Nothing is judged here but the document's own limits; what is missing is told beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from shodaku.content.domain import (
    BLOCK_ALT_CHARACTERS_MAX,
    BLOCKS_MAX,
    HREF_CHARACTERS_MAX,
    KINDS,
    LINE_CHARACTERS_MAX,
    PREHEADER_CHARACTERS_MAX,
    SCHEMA,
    SPACE_PX,
    SPACE_PX_USUAL,
    WORDS_CHARACTERS_MAX,
    Block,
    Button,
    Document,
    Heading,
    Text,
    dump_document,
    dump_line,
    dump_prose,
    kind_of,
    malformed,
    parse_document,
    read_line,
    read_prose,
    write_line,
    write_prose,
)
from shodaku.content.selectors import KeptPicture

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

NAMES: Final[Mapping[str, _StrPromise]] = {
    "heading": _("Heading"),
    "text": _("Running text"),
    "image": _("Picture"),
    "button": _("Button"),
    "coupon": _("Coupon"),
    "event": _("Event"),
    "product": _("Product"),
    "divider": _("Line"),
    "spacer": _("Space"),
}
ICONS: Final = {
    "heading": "heading",
    "text": "text",
    "image": "image",
    "button": "send",
    "coupon": "ticket",
    "event": "calendar",
    "product": "tags",
    "divider": "divider",
    "spacer": "none",
}
Pictures: TypeAlias = Sequence[KeptPicture]


def _line(label: _StrPromise, characters_max: int = LINE_CHARACTERS_MAX, **more: Any) -> forms.CharField:  # noqa: ANN401 - of Django's field
    return forms.CharField(label=label, max_length=characters_max, **more)


def _link(*, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=_("Link"),
        max_length=HREF_CHARACTERS_MAX,
        required=required,
        widget=forms.TextInput({"inputmode": "url", "placeholder": "https://", "spellcheck": "false"}),
    )


class HeadingFields(forms.Form):
    text = _line(_("Words of the heading"))


class TextFields(forms.Form):
    plain = forms.CharField(
        label=_("Running text"),
        widget=forms.Textarea({"rows": 6}),
        help_text=_(
            "A free line begins a new paragraph. **bold**, *italic*, [words](https://example.jp), lines "
            "with - or 1. are lists."
        ),
    )


class ImageFields(forms.Form):
    image = forms.ChoiceField(label=_("Picture"))
    alt = _line(
        _("Description"),
        BLOCK_ALT_CHARACTERS_MAX,
        help_text=_("Read aloud, and shown where pictures are switched off."),
    )
    href = _link()


class ButtonFields(forms.Form):
    label = _line(_("Words of the button"))
    href = _link(required=True)


class CouponFields(forms.Form):
    title = _line(_("What the coupon is for"))
    code = _line(_("Code"))
    until = _line(_("Until when"), required=False)


class EventFields(forms.Form):
    title = _line(_("Name of the event"))
    when = _line(_("Day and time"))
    place = _line(_("Where it is"), required=False)
    href = _link()


class ProductFields(forms.Form):
    title = _line(_("Name of the product"))
    price = _line(_("Price"), required=False)
    text = forms.CharField(
        label=_("A few words"),
        max_length=WORDS_CHARACTERS_MAX,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    image = forms.ChoiceField(label=_("Picture"), required=False)
    alt = _line(_("Description"), BLOCK_ALT_CHARACTERS_MAX, required=False)
    href = _link()


class SpacerFields(forms.Form):
    height_px = forms.IntegerField(
        label=_("Height in pixels"),
        widget=forms.NumberInput({"min": SPACE_PX[0], "max": SPACE_PX[1], "step": 4}),
    )


_FIELDS: Final[Mapping[str, type[forms.Form]]] = {
    "heading": HeadingFields,
    "text": TextFields,
    "image": ImageFields,
    "button": ButtonFields,
    "coupon": CouponFields,
    "event": EventFields,
    "product": ProductFields,
    "divider": forms.Form,
    "spacer": SpacerFields,
}


class AroundForm(forms.Form):
    """What is not a block."""

    preheader = _line(
        _("Words beside the subject"),
        PREHEADER_CHARACTERS_MAX,
        required=False,
        help_text=_("Mailboxes show them in the list. Left empty, they show how the mail begins."),
    )
    own_text = forms.CharField(
        label=_("Text part in your own words"),
        required=False,
        widget=forms.Textarea({"rows": 10, "class": "input columns"}),
        help_text=_("Left empty, it is made of the blocks. The frame is 34 full-width characters wide."),
    )


@dataclass(frozen=True, slots=True)
class Typed:
    """A block as it stands in the form, whether or not it can be a block."""

    block_id: str
    kind: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TypedMail:
    blocks: tuple[Typed, ...]
    preheader: str = ""
    own_text: str = ""


def typed_of(document: Document) -> TypedMail:
    blocks = tuple(Typed(each.block_id, kind_of(each), dict(_shown(each))) for each in document.blocks)
    return TypedMail(blocks, document.preheader, document.own_text or "")


def typed_in(sent: QueryDict) -> TypedMail:
    """Raises TemplateFault."""
    numbers = sent.getlist("block")
    if len(numbers) > BLOCKS_MAX:
        raise malformed()
    blocks = tuple(_typed(sent, number) for number in numbers)
    return TypedMail(blocks, sent.get("preheader", ""), sent.get("own_text", ""))


def document_of(typed: TypedMail) -> Document:
    """Raises TemplateFault."""
    return parse_document(
        {
            "schema": SCHEMA,
            "blocks": [_said(each) for each in typed.blocks],
            "preheader": typed.preheader,
            "own_text": typed.own_text if typed.own_text.strip() else None,
        }
    )


def fields_of(typed: Typed, pictures: Pictures) -> forms.Form:
    """To be shown; it is never asked whether it is valid."""
    form = _FIELDS[typed.kind](initial=dict(typed.values), prefix=f"b-{typed.block_id}")
    image = form.fields.get("image")
    if isinstance(image, forms.ChoiceField):
        image.choices = [("", _("None")), *((str(each.image_id), each.alt) for each in pictures)]
    return form


def with_picture(typed: Typed, picture: KeptPicture) -> Typed:
    """Described as in the library, unless somebody described it here."""
    if typed.kind not in ("image", "product"):
        return typed
    alt = typed.values.get("alt") or picture.alt
    return replace(typed, values={**typed.values, "image": str(picture.image_id), "alt": alt})


def fresh_id(taken: Sequence[str]) -> str:
    """The next free number; ids are kept when blocks move, so that fields keep their names."""
    return next(f"n{number}" for number in range(1, len(taken) + 2) if f"n{number}" not in taken)


def new_block(kind: str, block_id: str) -> Block:
    """Raises TemplateFault."""
    if kind not in KINDS:
        raise malformed()
    return KINDS[kind](block_id)


def _shown(block: Block) -> Iterator[tuple[str, str]]:
    match block:
        case Heading(text=text):
            yield "text", write_line(text)
        case Text(prose=prose):
            yield "plain", write_prose(prose)
            yield "doc", json.dumps(dump_prose(prose), ensure_ascii=False)
        case Button(label=label, href=href):
            yield "label", write_line(label)
            yield "href", href
        case _:
            whole = dump_document(Document((block,)))["blocks"][0]
            for name, value in whole.items():
                if name not in ("id", "type"):
                    yield name, "" if value is None else str(value)


def _typed(sent: QueryDict, block_id: str) -> Typed:
    kind = sent.get(f"type-{block_id}", "")
    if kind not in _FIELDS:
        raise malformed()
    names = [*_FIELDS[kind].base_fields, "doc"]
    said = {name: sent.get(f"b-{block_id}-{name}") for name in names}
    values = {name: value for name, value in said.items() if value is not None}
    return Typed(block_id, kind, values)


def _said(typed: Typed) -> dict[str, Any]:
    head = {"id": typed.block_id, "type": typed.kind}
    values = typed.values
    match typed.kind:
        case "heading":
            return {**head, "text": dump_line(read_line(values.get("text", "")))}
        case "text":
            return {**head, "doc": _doc(values)}
        case "button":
            label = dump_line(read_line(values.get("label", "")))
            return {**head, "label": label, "href": values.get("href", "")}
        case "spacer":
            return {**head, "height_px": _height(values.get("height_px", ""))}
        case _:
            said: dict[str, str | None] = {name: value for name, value in values.items() if name != "doc"}
            return {**head, **said, **({"image": _image(values["image"])} if "image" in values else {})}


def _doc(values: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON, read by parse_document
    if "doc" not in values:
        return dump_prose(read_prose(values.get("plain", "")))
    try:
        return json.loads(values["doc"])
    except (ValueError, RecursionError) as fault:
        raise malformed() from fault


def _image(value: str) -> str | None:
    try:
        return str(UUID(value)) if value else None
    except ValueError as fault:
        raise malformed() from fault


def _height(value: str) -> int:
    if not value.strip():
        return SPACE_PX_USUAL
    return int(value) if value.isascii() and value.isdigit() and len(value) <= len("9999") else -1
