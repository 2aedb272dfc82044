"""Addresses for the never-contact list: pasted, in a file, or all of a domain; and the question for one."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from shodaku.console.desk_forms import AddressText

PASTED_CHARACTERS_MAX: Final = 200_000
FILE_BYTES_MAX: Final = 20 * 1024 * 1024  # held in memory; what is larger goes by the command line
REASON_CHARACTERS_MAX: Final = 200
BLOCK_CHARACTERS_MAX: Final = 100


class AskForm(forms.Form):
    address = AddressText()


class PasteForm(forms.Form):
    addresses = forms.CharField(
        label=_("Addresses and numbers"),
        max_length=PASTED_CHARACTERS_MAX,
        widget=forms.Textarea({"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("One a line. They are turned into keyed marks; no address is kept."),
    )


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("Addresses, one a line or in a CSV, or marks that were exported here. Up to 20 MB."),
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > FILE_BYTES_MAX:
            raise forms.ValidationError(
                _("The file is larger than 20 MB. Use the command: shodaku suppress import FILE.")
            )
        return file


class BlockForm(forms.Form):
    value = forms.CharField(
        label=_("Domain or pattern"),
        max_length=BLOCK_CHARACTERS_MAX,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "placeholder": "*@example.jp"}),
        help_text=_("A star stands for any letters: *@example.jp, *-old@*.example.jp."),
    )
    reason = forms.CharField(label=_("Reason"), required=False, max_length=REASON_CHARACTERS_MAX)
