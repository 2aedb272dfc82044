"""The public sign-up form: boxes that only the person's own press can tick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from django import forms
from django.http import QueryDict
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shodaku.contacts.domain import (
    AddressError,
    EmailAddress,
    UnfitName,
    likely_typo,
    parse_email,
    slip_question,
)
from shodaku.kit import clock
from shodaku.kit.ui.renderer import described
from shodaku.signup.asked import AnswerFault
from shodaku.signup.asked_controls import controls
from shodaku.signup.asked_controls import sentence as asked_sentence
from shodaku.signup.domain import Fault, Shown, SignupFault, SignupRequest, Typed, parse_signup
from shodaku.signup.flood import Flood
from shodaku.signup.stamp import StampFault

START = "start"  # a form of the owner's page begins here, and is read and ticked on ours
HONEYPOT = "website"  # hidden from people; programs fill in what they find
STAMP = "stamp"
SURE = "sure"  # the address that was asked about: sent once more as it stands, it is meant


class EmptyBoxes(forms.CheckboxSelectMultiple):
    """Rendered empty whatever the initial value, the URL or another site's form says."""

    own_ticks = False  # this person ticked them on our page a moment ago, and something else was at fault

    def format_value(self, value: Any) -> list[str]:  # noqa: ANN401 - Django's signature
        """What is ticked; Django asks here whichever way the boxes are drawn."""
        return super().format_value(value) if self.own_ticks else []


class SignupForm(forms.Form):
    email = forms.CharField(
        max_length=1000,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}),
    )
    name = forms.CharField(
        max_length=1000, required=False, strip=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )

    def __init__(
        self,
        data: QueryDict | None,
        *,
        shown: Shown,
        own_ticks: bool = False,
        begun: Mapping[str, str] | None = None,  # typed in on the owner's own page; a tick there is none here
    ) -> None:
        super().__init__(data, initial={**(begun or {}), "topics": None})
        self._shown = shown
        self.request: SignupRequest | None = None
        self.asked_about = ""
        self._ticked = data.getlist("topics") if data is not None else []
        self.fields["topics"] = _boxes(shown, own_ticks=own_ticks)
        self.fields["email"].label = _("E-mail address")
        self.fields["email"].error_messages["required"] = _("Enter your e-mail address.")
        self.fields["name"].label = _("Name")
        if not shown.published.definition.ask_name:
            del self.fields["name"]
        self._asked = controls(shown.published.definition.fields, shown.language)
        self.fields.update(self._asked)
        self.order_fields(("topics", "email", "name"))

    def fill_in_by_hand(self) -> None:
        """On a device that many people use nothing is offered that another one typed."""
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"

    def clean(self) -> dict[str, Any]:  # Any: Django's
        typed = Typed(
            email=self.data.get("email", ""),
            name=self.data.get("name", ""),
            topics=tuple(self._ticked),
            answers={name: self.data.get(name, "") for name in self._asked},
        )
        parsed = parse_signup(typed, self._shown, latest=localtime(clock.now()).date())
        if not isinstance(parsed, SignupRequest):
            self._say(parsed)
        elif not self._ask_about(parsed.address):
            self.request = parsed
        return self.cleaned_data

    def _ask_about(self, address: EmailAddress) -> bool:
        """A likely slip is asked about once, and never corrected; alike for everybody who types it."""
        meant = likely_typo(address)
        if meant is None or self.data.get(SURE) == address.address:
            return False
        self.asked_about = address.address
        self.add_error("email", slip_question(meant, get_language() or "ja"))
        return True

    def _say(self, faults: dict[str, Fault]) -> None:
        for field, fault in faults.items():
            if field not in self.errors:
                self.add_error(field, sentence(fault))


class AgainForm(forms.Form):
    """Only the address: what was asked for is known."""

    email = forms.CharField(
        max_length=1000,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}),
    )

    def __init__(self, data: QueryDict | None) -> None:
        super().__init__(data)
        self.fields["email"].label = _("E-mail address")
        self.fields["email"].error_messages["required"] = _("Enter your e-mail address.")

    def clean_email(self) -> EmailAddress:
        try:
            return parse_email(self.cleaned_data["email"])
        except AddressError as fault:
            raise forms.ValidationError(sentence(fault)) from fault


class ChooseForm(forms.Form):
    """What somebody wants whose address a mail proved; ticks stay when the page comes again."""

    def __init__(self, data: QueryDict | None, *, shown: Shown) -> None:
        super().__init__(data)
        self.fields["topics"] = _boxes(shown, own_ticks=True)

    @property
    def ticked(self) -> tuple[int, ...]:
        return tuple(map(int, self.cleaned_data["topics"]))


def _boxes(shown: Shown, *, own_ticks: bool) -> forms.MultipleChoiceField:
    wording = shown.published.wording(shown.language)
    widget = EmptyBoxes()
    widget.own_ticks = own_ticks
    return forms.MultipleChoiceField(
        widget=widget,
        label=wording.choice,
        help_text=wording.choice_hint,
        choices=[
            (str(topic.topic_id), described(box.title, box.text))
            for topic, box in zip(shown.published.topics, wording.boxes, strict=True)
        ],
        error_messages=dict.fromkeys(("required", "invalid_choice"), _nothing_ticked()),
    )


def sentence(fault: Fault) -> str:
    match fault:
        case AddressError() | UnfitName():
            return fault.sentence(get_language() or "ja")
        case SignupFault.NO_TOPIC:
            return _nothing_ticked()
        case AnswerFault():
            return asked_sentence(fault)
        case unreachable:
            assert_never(unreachable)


def stamp_sentence(fault: StampFault) -> str:
    match fault:
        case StampFault.TOO_YOUNG:
            return _("That was very quick. Please look at what you entered and press the button again.")
        case StampFault.TOO_OLD:
            return _("This page was open for more than an hour. Nothing is lost; press the button again.")
        case StampFault.WITHDRAWN:
            return _(
                "The words of this page were changed since you opened it. Please read them, tick again what "
                "you want to receive, and press the button."
            )
        case StampFault.FORGED:
            return _("Please tick here what you want to receive, and press the button on this page.")
        case unreachable:
            assert_never(unreachable)


def flood_sentence(flood: Flood) -> str:
    match flood:
        case Flood.NETWORK:
            return _(
                "Many people signed up from your network in this hour. Nothing is lost; press the button "
                "again in the next hour, or on another network."
            )
        case Flood.FORM:
            return _(
                "This form is sent unusually often at the moment. Nothing is lost; press the button again in "
                "the next hour."
            )
        case unreachable:
            assert_never(unreachable)


def _nothing_ticked() -> str:
    return _("Tick at least one kind of news.")
