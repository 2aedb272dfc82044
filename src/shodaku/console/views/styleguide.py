"""Every component of the interface in each of its states: who builds a screen picks from this page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from shodaku.accounts.domain import Act
from shodaku.console.frame import show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.sorting import Direction, Head
from shodaku.kit.ui.templatetags.ui import icons

AT: Final = datetime(2026, 11, 22, 0, 41, 7, tzinfo=UTC)
HASH: Final = "7f3a91c20d4e55b8a1960be4"
TONES: Final = ("go", "wait", "never", "danger", "info")


class SampleForm(forms.Form):
    """One field of each kind, as its page shows it after a refused answer."""

    email = forms.EmailField(label=_("E-mail address"), help_text=_("Half-width or full-width, both work."))
    about = forms.CharField(label=_("Message"), widget=forms.Textarea, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=[("ja", "日本語"), ("en", "English")])
    scope = forms.ChoiceField(
        label=_("What should stop"),
        choices=[("topic", _("This topic")), ("all", _("Everything"))],
        widget=forms.RadioSelect,
    )
    agreed = forms.BooleanField(label=_("I have read this"), help_text=_("Nothing is ticked beforehand."))
    scan = forms.FileField(label=_("Scan of the form"), required=False)


@require_safe
@allowed(Act.READ)
def styleguide(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    return show(request, visitor, "console/styleguide.html", _samples(), current="")


def _samples() -> dict[str, Any]:
    refused = SampleForm({"email": "hanako@", "about": _("Typed, and not lost."), "language": "ja"})
    return {
        "form": refused,
        "fresh": SampleForm(auto_id="fresh_%s"),
        "icons": sorted(icons()),
        "tones": TONES,
        "steps": [
            {"title": _("Content"), "state": "done"},
            {"title": _("Recipients"), "state": "current"},
            {"title": _("Check"), "state": "todo"},
        ],
        "events": _events(),
        "heads": [
            Head(_("Name"), "#samples-table", Direction.UP),
            Head(_("Address")),
            Head(_("State")),
            Head(_("Since"), "#samples-table", number=True),
        ],
        "proofs": ("verified", "recorded", "recording", "failed"),
        "at": AT,
        "columns": [{"clicks": clicks, "opens": 9 - clicks} for clicks in (9, 6, 3, 4, 0, 1)],
        "hash": HASH,
        "checks": [
            {"tone": "go", "title": _("Sender’s name"), "text": "株式会社あおい雑貨"},
            {"tone": "wait", "title": _("Postal address"), "text": _("It stands behind a link.")},
            {"tone": "danger", "title": _("How to opt out"), "text": "", "href": "#", "action": _("Add")},
        ],
        "groups": _groups(),
        "people": [
            {"name": "山田 花子", "address": "hanako@mail.example", "at": AT, "tone": "go"},
            {"name": "サンプル株式会社", "address": "090-1234-5678", "at": AT, "tone": "never"},
            {"name": "عبد الرحمن بن محمد 👩‍👩‍👧‍👦", "address": "a@mail.example", "at": AT, "tone": "wait"},
            {"name": "W" * 100, "address": "w@mail.example", "at": AT, "tone": "go"},
        ],
    }


def _events() -> list[dict[str, object]]:
    signed_up = {"title": _("Signed up"), "text": _("On the page of the shop"), "tone": "go"}
    asked = {"title": _("Asked again"), "tone": "wait", "href": "#", "action": _("Show"), "icon": "eye"}
    return [
        {"at": AT, **signed_up, "proof": {"number": 10482, "hash": HASH, "href": "#"}},
        {"at": AT, **asked},
        {"at": AT, "title": _("Opted out"), "tone": "never"},
    ]


def _groups() -> list[dict[str, object]]:
    expired = {"icon": "hourglass", "n": 312, "title": _("Consent has expired"), "strong": True}
    expired |= {"text": _("Two years without an answer."), "href": "#", "action": _("Ask again")}
    never = {"icon": "bell-off", "n": 88, "title": _("Opted out"), "href": "#", "action": _("Show the names")}
    return [{"tone": "wait", "rows": [expired]}, {"tone": "never", "rows": [never]}]
