"""A complaint as it comes to the desk, and what is written down about it."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from shodaku.complaints.domain import NOTE_CHARACTERS_MAX
from shodaku.console.case_words import GRIEVANCES, VIAS
from shodaku.console.desk_forms import AddressText, typed_erase

LANGUAGES: Final = (("ja", "日本語"), ("en", "English"))


class OpenCaseForm(forms.Form):
    """Whoever complains, known here or not."""

    address = AddressText()
    via = forms.ChoiceField(label=_("How it reached you"), choices=[*VIAS.items()])
    grievance = forms.ChoiceField(label=_("What they complain of"), choices=[*GRIEVANCES.items()])
    words = forms.CharField(
        label=_("In their words"),
        required=False,
        max_length=NOTE_CHARACTERS_MAX,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Kept sealed with the evidence, and forgotten with the person."),
    )


class StopForm(forms.Form):
    """Of somebody unknown the address once more, for it was not kept; the word where a no erases."""

    address = AddressText(help_text=_("Once more, for it was not kept. It is never contacted from then on."))
    typed = forms.CharField(
        label=_("To erase, type “erase”"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Here a no erases all that is known. Make the letter and the proof before."),
    )

    def __init__(self, *args: Any, known: bool, erases: bool, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        if known:
            del self.fields["address"]
        if not (known and erases):
            del self.fields["typed"]

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if not typed_erase(typed):
            raise forms.ValidationError(_("Erasing cannot be undone. Type “erase” to go on."))
        return typed

    @property
    def stranger(self) -> str:
        found = self.cleaned_data.get("address")
        return found[1] if found else ""


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("Write a note"),
        max_length=NOTE_CHARACTERS_MAX,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Kept sealed with the evidence, and forgotten with the person."),
    )
