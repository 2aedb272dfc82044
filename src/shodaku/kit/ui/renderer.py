"""How Django forms look: every field renders through ui/field.html, every form through ui/form.html."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.functional import Promise, keep_lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString


class FieldKind(StrEnum):
    LINE = "line"  # text, e-mail, number, date, select, textarea: a label above a control
    CHOICE = "choice"  # radio buttons or a list of boxes: a fieldset
    TICK = "tick"  # one box whose label is the sentence that is agreed to
    FILE = "file"


class UiBoundField(BoundField):
    """A field that knows its kind, and whose control carries the class of the style sheet."""

    @property
    def kind(self) -> FieldKind:
        match self.field.widget:
            case forms.RadioSelect() | forms.CheckboxSelectMultiple():
                return FieldKind.CHOICE
            case forms.CheckboxInput():
                return FieldKind.TICK
            case forms.FileInput():
                return FieldKind.FILE
            case _:
                return FieldKind.LINE

    @property
    def anchor(self) -> str:
        """Id that the error summary links to; a group of choices has one of its own."""
        return self.auto_id if self.kind is FieldKind.CHOICE else self.id_for_label

    def as_widget(
        self,
        widget: forms.Widget | None = None,
        attrs: Mapping[str, str | bool] | None = None,
        only_initial: bool = False,  # noqa: FBT001, FBT002 - Django's signature
    ) -> SafeString:
        classes = f"{self.field.widget.attrs.get('class', '')} {_CLASSES[self.kind]}".strip()
        named = (
            {**(attrs or {}), "class": classes}
            if widget is None and classes and not self.is_hidden
            else attrs
        )
        return super().as_widget(widget, dict(named or {}), only_initial)


_CLASSES = {FieldKind.LINE: "input", FieldKind.CHOICE: "", FieldKind.TICK: "", FieldKind.FILE: "sr"}


class Renderer(TemplatesSetting):
    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"
    bound_field_class = UiBoundField


@keep_lazy(SafeString)
def described(title: str | Promise, text: str | Promise) -> SafeString:
    """A choice with a second, smaller line: what it means in practice. Lazy words stay lazy."""
    return format_html("{}<small>{}</small>", title, text)
