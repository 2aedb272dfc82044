"""What is said when a second person's yes is asked for, and when a campaign is sent back."""

from __future__ import annotations

import unicodedata

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shodaku.campaigns.domain import APPROVAL_WORDS_MAX


class _Words(forms.Form):
    """Lines may be broken; other control characters are told, not dropped."""

    words = forms.CharField(max_length=APPROVAL_WORDS_MAX, widget=forms.Textarea({"rows": 3}))

    def clean_words(self) -> str:
        said: str = self.cleaned_data["words"]
        text = "".join(said.splitlines())
        if any(unicodedata.category(each) in ("Cc", "Cs") for each in text):
            raise forms.ValidationError(gettext("Take out the control characters."))
        return said


class AskForm(_Words):
    words = forms.CharField(
        label=_("What the other person should know"),
        max_length=APPROVAL_WORDS_MAX,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )


class SendBackForm(_Words):
    words = forms.CharField(
        label=_("What has to be changed"),
        max_length=APPROVAL_WORDS_MAX,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("Say what has to be changed, then send it back.")},
    )
