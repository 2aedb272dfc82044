"""A leak as it became known: what decides whether it is reported, and by when."""

from __future__ import annotations

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from shodaku.console.words import Words
from shodaku.policy.domain import Breach

PEOPLE_MAX: Final = 1_000_000_000
CAUSES: Final[Words] = {
    "misdirected_mail": _("A mail went to the wrong people"),
    "published": _("Data could be read by anybody"),
    "lost_device": _("A device or papers were lost"),
    "unauthorised_access": _("Somebody got in without permission"),
    "malicious": _("Somebody took data on purpose, from inside or outside"),
    "other": _("Something else"),
}


class LeakForm(forms.Form):
    people = forms.IntegerField(
        label=_("How many people, at the most"),
        min_value=0,
        max_value=PEOPLE_MAX,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Where it is not known yet, the largest number it could be."),
    )
    cause = forms.ChoiceField(label=_("How it happened"), choices=[*CAUSES.items()])
    sensitive = forms.BooleanField(label=_("Health, creed, criminal record and the like"), required=False)
    property_damage = forms.BooleanField(
        label=_("Card numbers and the like, by which money is lost"), required=False
    )
    encrypted = forms.BooleanField(
        label=_("Encrypted, so that nobody can read it"),
        required=False,
        help_text=_("Only where the key did not leak as well."),
    )

    @property
    def breach(self) -> Breach:
        return Breach(**self.cleaned_data)
