"""Colour and fonts of mails and public pages, as somebody types them."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shodaku.console.words import Words
from shodaku.content.domain import STACKS, TemplateFault, parse_brand_colour
from shodaku.kit.ui.renderer import described

FONTS: Final[Words] = {
    "gothic": described(_("Gothic"), _("Even strokes, easy to read on a telephone. The usual choice.")),
    "mincho": described(_("Mincho"), _("Thin and thick strokes, as in books.")),
    "rounded": described(_("Rounded gothic"), _("Soft ends. Not every computer has it; gothic stands in.")),
}


class BrandColour(forms.CharField):
    def clean(self, value: Any) -> str:  # noqa: ANN401 - Django's signature
        try:
            return parse_brand_colour(str(value or ""))
        except TemplateFault as fault:
            raise forms.ValidationError(fault.sentence(get_language() or "ja")) from fault


class BrandForm(forms.Form):
    colour = BrandColour(
        label=_("Colour"),
        max_length=7,
        help_text=_(
            "Of buttons and links, like #1f6f43. Words of it must be readable on white; it is checked when "
            "you save."
        ),
    )
    font = forms.ChoiceField(
        label=_("Font of mails"), choices=[(key, FONTS[key]) for key in STACKS], widget=forms.RadioSelect
    )
