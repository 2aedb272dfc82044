"""The forms of a person's own pages: boxes are ticked where a live consent holds, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shodaku.consent.domain import Frequency, parse_frequency
from shodaku.contacts.domain import (
    AddressError,
    Channel,
    EmailAddress,
    likely_typo,
    parse_email,
    slip_question,
)
from shodaku.optout.complaining import TEXT_CHARS_MAX, Grievance
from shodaku.optout.domain import PAUSE_DAYS, PAUSE_DAYS_MAX, chosen_frequency, narrower
from shodaku.optout.selectors import TopicState
from shodaku.signup.domain import OfferedTopic

AS_PROMISED: Final = "promised"
NO_BREAK: Final = "0"
UNTIL_A_DAY: Final = "date"
SURE: Final = "sure"  # the address that was asked about: sent once more as it stands, it is meant


@dataclass(frozen=True, slots=True)
class Row:
    """A topic on the page: what it is, and the controls that stand as they are now, or as they were sent."""

    topic_id: int
    title: str
    line: str
    mail: bool
    texts: bool | None  # None: no text messages come, and none can be asked for here
    often: str
    often_choices: list[tuple[str, str]]


class PreferencesForm(forms.Form):
    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    shown_texts = forms.CharField(widget=forms.HiddenInput, required=False)
    shown_measured = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: QueryDict | None,
        *,
        states: Sequence[TopicState],
        offered: Sequence[OfferedTopic],
        language: str,
        today: date,
        measured: bool,
    ) -> None:
        self._states, self._offered, self._language = states, offered, language
        mail = [str(state.topic.topic_id) for state in states if state.receives]
        texts = [str(state.topic.topic_id) for state in states if Channel.SMS in state.channels]
        super().__init__(
            data,
            initial={
                "topics": mail,
                "texts": texts,
                "shown": ",".join(mail),
                "shown_texts": ",".join(texts),
                "days": NO_BREAK,
                "measured": measured,
                "shown_measured": "1" if measured else "",
            },
        )
        self.fields["measured"] = forms.BooleanField(
            required=False,
            label=_("The sender may see which links of its mails I follow, and whether I open them."),
            help_text=_(
                "Only where a mail has this switched on. Neither IP address nor browser is kept. Untick it, "
                "and what was noted is deleted at once."
            ),
        )
        self._today = today
        self.fields["topics"] = _boxes([topic.topic_id for topic in offered])
        self.fields["texts"] = _boxes([int(topic_id) for topic_id in texts])
        for state in states:
            self.fields[_often(state)] = forms.ChoiceField(
                required=False, choices=_often_choices(state, language)
            )
        self.fields["days"] = forms.ChoiceField(
            widget=forms.RadioSelect,
            required=False,
            label=_("Take a break?"),
            choices=[
                (NO_BREAK, _("No break")),
                *((str(days), _("Nothing for %(days)s days") % {"days": days}) for days in PAUSE_DAYS),
                (UNTIL_A_DAY, _("Nothing before the day below")),
            ],
        )
        self.fields["until"] = forms.DateField(
            required=False,
            label=_("First day on which mail may come again"),
            widget=forms.DateInput(
                {"type": "date", "min": str(today + timedelta(days=1)), "max": str(self._last_day)},
                format="%Y-%m-%d",
            ),
            error_messages={"invalid": _("Choose a day between tomorrow and one year from now.")},
        )

    @property
    def _last_day(self) -> date:
        return self._today + timedelta(days=PAUSE_DAYS_MAX)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        until = said.get("until")
        wants_a_day = said.get("days") == UNTIL_A_DAY
        in_reach = until is None or self._today < until <= self._last_day
        if "until" in said and (not in_reach or (wants_a_day and until is None)):
            self.add_error("until", _("Choose a day between tomorrow and one year from now."))
        return said

    @property
    def has_texts(self) -> bool:
        return any(Channel.SMS in state.channels for state in self._states)

    def rows(self) -> Iterator[Row]:
        mail, texts = self["topics"].value() or [], self["texts"].value() or []
        for topic, state in zip(self._offered, self._states, strict=True):
            number = str(topic.topic_id)
            yield Row(
                topic_id=topic.topic_id,
                title=topic.title(self._language),
                line=_line(topic, state, self._language),
                mail=number in mail,
                texts=number in texts if Channel.SMS in state.channels else None,
                often=self[_often(state)].value() or "",
                often_choices=_often_choices(state, self._language) if state.channels else [],
            )

    @property
    def ticked(self) -> set[int]:
        return {int(each) for each in self.cleaned_data["topics"]}

    def taken_away(self, channel: Channel) -> set[int]:
        """Ticked when the page was opened, and not any more: only such a box was unticked by the person."""
        names = ("topics", "shown") if channel is Channel.EMAIL else ("texts", "shown_texts")
        ticked, shown = (self.cleaned_data[name] for name in names)
        return {
            topic.topic_id
            for topic in self._offered
            if str(topic.topic_id) in shown.split(",") and str(topic.topic_id) not in ticked
        }

    @property
    def wants_measuring(self) -> bool | None:
        """None: as it was when the page was opened."""
        ticked, shown = self.cleaned_data["measured"], bool(self.cleaned_data["shown_measured"])
        return None if ticked == shown else ticked

    @property
    def measuring_words(self) -> str:
        """What stood beside the box, in the language of the page."""
        return f"{self['measured'].label} {self['measured'].help_text}"

    @property
    def fewer(self) -> dict[int, Frequency]:
        """Topics that shall come less often."""
        said = {state.topic.topic_id: parse_frequency(self._said(state)) for state in self._states}
        return {topic_id: most for topic_id, most in said.items() if most is not None}

    @property
    def as_promised(self) -> set[int]:
        """Topics that shall come as often again as is promised to everybody."""
        return {state.topic.topic_id for state in self._states if self._said(state) == AS_PROMISED}

    def _said(self, state: TopicState) -> str:
        said: str = self.cleaned_data[_often(state)]
        return said

    @property
    def pause(self) -> dict[str, str]:
        """As the page of opting out would have said it; no days and no date: no break."""
        days, until = self.cleaned_data["days"], self.cleaned_data["until"]
        if days in map(str, PAUSE_DAYS):
            return {"scope": "until", "days": days}
        return {"scope": "until", "until": str(until)} if until else {}


class AddressForm(forms.Form):
    """Where the mail shall go; the new address is asked before anything changes."""

    address = forms.CharField(
        max_length=1000,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}),
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.asked_about = ""
        self.fields["address"].label = _("New e-mail address")
        self.fields["address"].error_messages["required"] = _("Enter your e-mail address.")

    def clean_address(self) -> EmailAddress:
        language = get_language() or "ja"
        try:
            address = parse_email(self.cleaned_data["address"])
        except AddressError as fault:
            raise forms.ValidationError(fault.sentence(language)) from fault
        meant = likely_typo(address)
        if meant is not None and self.data.get(SURE) != address.address:
            self.asked_about = address.address
            raise forms.ValidationError(slip_question(meant, language))
        return address


class ComplaintForm(forms.Form):
    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.fields["grievance"] = forms.ChoiceField(
            widget=forms.RadioSelect,
            label=_("What is wrong?"),
            choices=[
                (Grievance.NEVER_AGREED.value, _("I never agreed to this")),
                (Grievance.TOO_OFTEN.value, _("It comes too often")),
                (Grievance.OTHER.value, _("Something else")),
            ],
            error_messages={"required": _("Choose what is wrong.")},
        )
        self.fields["text"] = forms.CharField(
            required=False,
            label=_("In your words"),
            widget=forms.Textarea({"rows": 5}),
            max_length=TEXT_CHARS_MAX,
            help_text=_("At most 1,000 characters. Only the desk of the sender reads it."),
        )
        self.fields["stop"] = forms.BooleanField(
            required=False,
            label=_("Stop all advertising to me at once"),
        )


def _boxes(topic_ids: Sequence[int]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(required=False, choices=[(str(each), str(each)) for each in topic_ids])


def _often(state: TopicState) -> str:
    return f"often_{state.topic.topic_id}"


def _often_choices(state: TopicState, language: str) -> list[tuple[str, str]]:
    """First what holds now. More than that is asked for by mail, as every yes is."""
    promised, fewer = state.topic.frequency, state.fewer
    chosen = chosen_frequency(fewer) if fewer else None
    now = (chosen or promised).text(language)
    less = [(str(each), each.text(language)) for each in narrower(promised, fewer)]
    more = [(AS_PROMISED, promised.text(language))] if fewer else []
    return [("", now), *less, *more]


def _line(topic: OfferedTopic, state: TopicState, language: str) -> str:
    parts = [topic.promise(language)]
    if state.topic.archived_at is not None:
        parts.append(_("(not sent at present)"))
    if state.waiting:
        parts.append(_("(waiting for your confirmation)"))
    return " ".join(parts)
