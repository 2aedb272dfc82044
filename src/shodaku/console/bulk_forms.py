"""What is asked before an act on many people begins."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from shodaku.console.desk_forms import WAYS, typed_erase
from shodaku.optout.services import BulkAct

_ASKED: Final = _("Erasing cannot be undone. Type “erase” to go on.")


class BulkForm(forms.Form):
    """How the no of these people reached the staff; to erase, the word."""

    via = forms.ChoiceField(label=_("How it reached you"), choices=WAYS)
    typed = forms.CharField(
        label=_("To erase, type “erase”"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _ASKED},
    )

    def __init__(self, *args: Any, act: BulkAct, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        if act is not BulkAct.ERASE:
            del self.fields["typed"]
        if act is BulkAct.ASK:  # nobody said anything: staff asks
            del self.fields["via"]

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if not typed_erase(typed):
            raise forms.ValidationError(_ASKED)
        return typed
