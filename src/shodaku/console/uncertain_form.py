"""What somebody decides about people of whom nobody knows whether a mail arrived."""

from __future__ import annotations

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from shodaku.campaigns.services import DECISION_CHARACTERS_MAX
from shodaku.delivery.selectors import Choice

TICKED: Final = "ticked"
ALL: Final = "all"


class UncertainForm(forms.Form):
    """Which people are ticked stands beside it: the boxes belong to the rows of the table."""

    choice = forms.ChoiceField(
        label=_("What to do"),
        choices=(
            (Choice.ARRIVED.value, _("Count as arrived")),
            (Choice.AGAIN.value, _("Send once more, to those who have shown nothing since")),
        ),
        widget=forms.RadioSelect,
    )
    whom = forms.ChoiceField(
        label=_("For whom"),
        choices=((TICKED, _("Those who are ticked")), (ALL, _("Everybody who is undecided"))),
        widget=forms.RadioSelect,
        initial=TICKED,
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=DECISION_CHARACTERS_MAX,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Goes into the ledger with your name."),
    )
