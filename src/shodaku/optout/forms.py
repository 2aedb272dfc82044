"""The preference pages: boxes are ticked where a live consent holds, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shodaku.contacts.domain import AddressError, EmailAddress, parse_email
from shodaku.kit.ui.renderer import described
from shodaku.optout.domain import PAUSE_DAYS
from shodaku.optout.selectors import TopicState
from shodaku.signup.domain import OfferedTopic


class PreferencesForm(forms.Form):
    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: QueryDict | None,
        *,
        states: Sequence[TopicState],
        offered: Sequence[OfferedTopic],
        language: str,
    ) -> None:
        receives = [str(state.topic.topic_id) for state in states if state.receives]
        super().__init__(data, initial={"topics": receives, "shown": ",".join(receives), "days": "0"})
        self._offered = [topic.topic_id for topic in offered]
        self.fields["topics"] = forms.MultipleChoiceField(
            widget=forms.CheckboxSelectMultiple,
            required=False,
            label=_("What do you want to receive?"),
            choices=[
                (str(topic.topic_id), described(topic.title(language), _line(topic, state, language)))
                for topic, state in zip(offered, states, strict=True)
            ],
        )
        self.fields["days"] = forms.ChoiceField(
            widget=forms.RadioSelect,
            required=False,
            label=_("Take a break?"),
            choices=[
                ("0", _("No break")),
                *((str(days), _("Nothing for %(days)s days") % {"days": days}) for days in PAUSE_DAYS),
            ],
        )

    @property
    def ticked(self) -> set[int]:
        return {int(each) for each in self.cleaned_data["topics"]}

    @property
    def shown_ticked(self) -> set[int]:
        """What the page had ticked when it was opened: only from these can a box have been taken away."""
        shown = self.cleaned_data["shown"].split(",")
        return {topic_id for topic_id in self._offered if str(topic_id) in shown}


class AddressForm(forms.Form):
    """Where the mail shall go; the new address is asked before anything changes."""

    address = forms.CharField(
        max_length=1000,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}),
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.fields["address"].label = _("New e-mail address")
        self.fields["address"].error_messages["required"] = _("Enter your e-mail address.")

    def clean_address(self) -> EmailAddress:
        try:
            return parse_email(self.cleaned_data["address"])
        except AddressError as fault:
            raise forms.ValidationError(fault.sentence(get_language() or "ja")) from fault


def _line(topic: OfferedTopic, state: TopicState, language: str) -> str:
    promise = topic.promise(language)
    return f"{promise} {_('(waiting for your confirmation)')}" if state.waiting else promise
