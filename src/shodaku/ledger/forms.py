"""What somebody brings who wants a proof checked."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shodaku.ledger.verify import NOTE_BYTES_MAX, OF_LOG, Refused, read_key

KEYS_MAX: Final = 20  # each costs a few milliseconds for every signature that names it
KEYS_CHARS_MAX: Final = 10_000
_PASTED: Final = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}


class ProofForm(forms.Form):
    bundle = forms.FileField(
        label=_("The proof"),
        allow_empty_file=True,  # the verifier has a sentence of its own for it
        help_text=_("The file that the sender gave you, at most 16 MB. Nothing of it is kept here."),
    )
    keys = forms.CharField(
        label=_("Verifier key of the ledger"),
        required=False,
        max_length=KEYS_CHARS_MAX,
        widget=forms.Textarea({"rows": 3, **_PASTED}),
        help_text=_("From the sender's policy page, or one that you kept. A line each; witnesses' keys too."),
    )
    earlier = forms.CharField(
        label=_("A checkpoint that you kept"),
        required=False,
        strip=False,
        max_length=NOTE_BYTES_MAX,
        widget=forms.Textarea({"rows": 5, **_PASTED}),
        help_text=_("All its lines. It shows whether the ledger was rewritten since then."),
    )

    def clean(self) -> dict[str, Any]:  # Any: Django's
        """`logs` and `witnesses` are among what is clean: the pasted keys by what they are for."""
        said = self.cleaned_data
        lines = [line.strip() for line in said.get("keys", "").split("\n") if line.strip()]
        said["logs"], said["witnesses"] = [], []
        if len(lines) > KEYS_MAX:
            self.add_error("keys", _("At most %(most)s keys.") % {"most": KEYS_MAX})
            return said
        for line in lines:
            try:
                said["logs" if read_key(line).kind == OF_LOG else "witnesses"].append(line)
            except Refused as refused:
                self.add_error("keys", refused.sentence(get_language() or "ja"))
        return said
