"""The controls of what a form asks: typed as people write it, and kept after a fault."""

from __future__ import annotations

from typing import Final

from django import forms
from django.utils.translation import gettext as _

from shodaku.signup.asked import AnswerFault, AskedField, FieldKind, named

TYPED_CHARS_MAX: Final = 1000
# WCAG 1.3.5: browsers fill in what they know of their owner
_KNOWN_BY_BROWSERS: Final = {
    FieldKind.FAMILY_NAME: {"autocomplete": "family-name"},
    FieldKind.GIVEN_NAME: {"autocomplete": "given-name"},
    FieldKind.MOBILE: {"autocomplete": "tel", "inputmode": "tel"},
    FieldKind.BIRTHDAY: {"autocomplete": "bday"},
    FieldKind.PREFECTURE: {"autocomplete": "address-level1"},
    FieldKind.NUMBER: {"inputmode": "decimal"},
}


def controls(fields: tuple[AskedField, ...], language: str) -> dict[str, forms.CharField]:
    """By their names, in order. Nothing is chosen for anybody: a list begins with an empty line."""
    return {name: _control(asked, language) for name, asked in named(fields).items()}


def sentence(fault: AnswerFault) -> str:
    """What is wrong, and what to do."""
    return {
        AnswerFault.MISSING: _("Please fill in this field."),
        AnswerFault.NOT_KANA: _("Please write the reading in hiragana or katakana."),
        AnswerFault.NOT_A_DAY: _("This date cannot be read. Write it like 1985-04-01 or 昭和60年4月1日."),
        AnswerFault.NOT_BORN_THEN: _("Please check the year: nobody who fills this in is born then."),
        AnswerFault.NOT_A_NUMBER: _("Please write a number in digits, such as 12."),
        AnswerFault.NOT_A_CHOICE: _("Please choose one of the list."),
    }[fault]


def _control(asked: AskedField, language: str) -> forms.CharField:
    return forms.CharField(
        label=asked.title(language),
        required=asked.required,
        strip=False,
        max_length=TYPED_CHARS_MAX,
        help_text=_hint(asked.kind),
        widget=_widget(asked, language),
        error_messages={"required": sentence(AnswerFault.MISSING)},
    )


def _widget(asked: AskedField, language: str) -> forms.Widget:
    attributes = _KNOWN_BY_BROWSERS.get(asked.kind, {})
    options = asked.options(language)
    if options:
        return forms.Select(attrs=attributes, choices=[("", _("Please choose")), *options])
    if asked.kind is FieldKind.MOBILE:
        return forms.TextInput(attrs={**attributes, "type": "tel"})
    return forms.TextInput(attrs=attributes)


def _hint(kind: FieldKind) -> str:
    match kind:
        case FieldKind.BIRTHDAY | FieldKind.DATE:
            return _("Such as 1985-04-01 or 昭和60年4月1日.")
        case FieldKind.MOBILE:
            return _("With or without hyphens. It is no consent to text messages.")
        case _:
            return ""
