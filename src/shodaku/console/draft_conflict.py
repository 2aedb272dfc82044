"""What differs between a draft as somebody typed it and as it was saved by somebody else meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Difference:
    name: str  # of the field, as the form calls it
    mine: str
    theirs: str


def differences(form: forms.Form) -> list[Difference]:
    """Of a bound form whose `initial` is what was saved; files are no part of it."""
    said = [
        Difference(str(bound.label), _shown(bound.field, bound.value()), _shown(bound.field, bound.initial))
        for bound in form
        if not isinstance(bound.field, forms.FileField)
    ]
    return [each for each in said if each.mine != each.theirs]


def typed(form: forms.Form) -> list[Difference]:
    """All that somebody typed, beside nothing."""
    return [
        Difference(str(bound.label), shown, "")
        for bound in form
        if not isinstance(bound.field, forms.FileField) and (shown := _shown(bound.field, bound.value()))
    ]


def _shown(field: forms.Field, value: Any) -> str:  # noqa: ANN401 - what a form holds
    """As the page shows it: the words of a choice, a moment as its box writes it."""
    if isinstance(field, forms.BooleanField):
        return _("Yes") if field.to_python(value) else _("No")
    prepared = field.prepare_value(value)
    if isinstance(field, forms.ChoiceField) and isinstance(field.widget, forms.Select):
        words = {str(code): str(text) for code, text in field.widget.choices}
        return words.get(str(prepared if prepared is not None else ""), str(prepared or ""))
    if isinstance(field, forms.DateTimeField):
        prepared = field.widget.format_value(prepared)
    return "\n".join(str(prepared or "").splitlines()).strip()
