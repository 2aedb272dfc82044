"""Somebody's page is checked: what is asked for it, and what the linter answers, for people and programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import Any, Final

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shodaku.kit.ui.renderer import described
from shodaku.policy.domain import FormAnswer, FormFacts, Reason, explain, lint_form, lint_opt_out_page
from shodaku.signup.services import Declared, UnreadablePage, decode_page, read_form, read_requires

HTML_BYTES_MAX: Final = 500_000
_PASSED: Final = (Reason.OK_FORM, Reason.OK_INCENTIVE)


class PageKind(StrEnum):
    SIGNUP = "signup"
    OPT_OUT = "opt_out"


class LastScreen(StrEnum):
    """Does the last screen before an order is placed show what was ticked (SE-26)?"""

    NO_ORDER = "no_order"
    SHOWS = "shows"
    HIDES = "hides"


class FormCheckForm(forms.Form):
    """A page, and what its HTML cannot show."""

    kind = forms.ChoiceField(
        label=_("What is this page for?"),
        widget=forms.RadioSelect,
        initial=PageKind.SIGNUP.value,
        choices=[
            (
                PageKind.SIGNUP.value,
                described(_("Signing up"), _("Somebody can agree to news here, perhaps with an order.")),
            ),
            (PageKind.OPT_OUT.value, described(_("Opting out"), _("Somebody can stop the news here."))),
        ],
    )
    html = forms.CharField(
        label=_("HTML of the page"),
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false"}),
        help_text=_("In a browser: right click, view the source, and copy all of it."),
    )
    page = forms.FileField(
        label=_("Or the page as a file"), required=False, help_text=_("An HTML file of at most 500 kB.")
    )
    required_to_buy = forms.BooleanField(
        label=_("Buying or signing up for something else needs the tick"), required=False
    )
    last_screen = forms.ChoiceField(
        label=_("The last screen of the order"),
        required=False,
        choices=[
            (LastScreen.NO_ORDER.value, _("No order is placed with this form")),
            (LastScreen.SHOWS.value, _("It shows whether news was agreed to")),
            (LastScreen.HIDES.value, _("It does not show it")),
        ],
    )
    incentive = forms.BooleanField(label=_("Who agrees gets something for it"), required=False)
    requires = forms.CharField(
        label=_("What an opt-out page asks for before it stops"),
        required=False,
        max_length=100,
        help_text=_("Nothing, if one press is enough. Write login for signing in, or what else is needed."),
    )

    sender_names: Sequence[str] = ()  # one of them must stand on the page

    def clean(self) -> dict[str, Any]:  # Any: Django's
        """`answer` and `facts` are among what is clean; faults stand at the field that brought the page."""
        said = self.cleaned_data
        field = "page" if said.get("page") else "html"
        try:
            html = (
                decode_page(said["page"].read(HTML_BYTES_MAX + 1))
                if said.get("page")
                else said.get("html", "")
            )
            if said.get("kind") == PageKind.OPT_OUT:
                said["answer"], said["facts"] = _opt_out(html, said.get("requires", "")), None
            elif said.get("kind"):
                said["answer"], said["facts"] = self._signup(html, said)
        except UnreadablePage as fault:
            self.add_error(field, fault.sentence(get_language() or "ja"))
        return said

    def _signup(self, html: str, said: Mapping[str, Any]) -> tuple[FormAnswer, FormFacts]:
        last_screen = said.get("last_screen") or LastScreen.NO_ORDER
        declared = Declared(
            required_to_buy=said.get("required_to_buy", False),
            last_screen_shows_consent=None
            if last_screen == LastScreen.NO_ORDER
            else last_screen == LastScreen.SHOWS,
            incentive=said.get("incentive", False),
        )
        facts = read_form(html, self.sender_names, declared)
        return lint_form(facts), facts


def as_json(answer: FormAnswer, facts: FormFacts | None) -> dict[str, object]:
    return {
        "verdict": "allow" if answer.passes else "refuse",
        **_told(answer.reason),
        "faults": [_told(fault) for fault in answer.faults],
        "facts": asdict(facts) if facts is not None else None,
    }


def _told(reason: Reason) -> dict[str, object]:
    told = explain(reason)
    return {
        "reason": reason.value,
        "ja": told.ja,
        "en": told.en,
        "next_step_ja": told.next_step_ja,
        "next_step_en": told.next_step_en,
        "rules": list(told.rules),
        "articles": list(told.articles),
    }


def _opt_out(html: str, requires: str) -> FormAnswer:
    """What somebody says that the page wants counts before what its HTML shows."""
    wanted = requires.strip() or (read_requires(html) if html.strip() else None)
    reason = lint_opt_out_page(wanted)
    return FormAnswer(reason, () if reason in _PASSED else (reason,))
