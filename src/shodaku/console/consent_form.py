"""A yes that came on paper, by telephone or in person, as somebody at the desk writes it down."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from shodaku.consent.domain import FIRST_DAY, Method
from shodaku.console.fields import TEXT_CHARACTERS_MAX
from shodaku.kit import clock
from shodaku.kit.ui.renderer import described

MIDNIGHT: Final = time(0, 0)


class ToldConsentForm(forms.Form):
    """Nothing is chosen beforehand: what was agreed to is known to the paper and to who took the call."""

    topics = forms.TypedMultipleChoiceField(
        label=_("What the person agreed to"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only what they named themselves. What they did not name is not agreed to."),
        error_messages={"required": _("Tick what the person agreed to.")},
    )
    way = forms.ChoiceField(
        label=_("How they agreed"),
        widget=forms.RadioSelect,
        choices=[
            (
                Method.PAPER.value,
                described(_("On paper"), _("A card or a form that they filled in. Its scan is needed.")),
            ),
            (
                Method.TELEPHONE.value,
                described(_("By telephone"), _("You read the words below to them, and they said yes.")),
            ),
            (
                Method.STAFF.value,
                described(_("In person"), _("They read or heard the words below, and said yes.")),
            ),
        ],
    )
    on = forms.DateField(
        label=_("On which day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The day on which they agreed, not today if it was earlier."),
    )
    at_time = forms.TimeField(
        label=_("At what time"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("If it is known. Otherwise it counts from the beginning of the day."),
    )
    wording = forms.CharField(
        label=_("The words that they read or heard"),
        max_length=TEXT_CHARACTERS_MAX,
        widget=forms.Textarea({"rows": 5}),
        help_text=_("Word for word: what is sent, how often, who sends it, and how to stop it."),
    )
    scan = forms.FileField(
        label=_("Scan or photo of the paper"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif,image/tiff"}),
        help_text=_(
            "Needed for a paper. JPEG, PNG, WebP, GIF or TIFF, at most 20 MB. "
            "Of several pages the first is kept."
        ),
    )

    def __init__(self, *args: Any, topics: list[tuple[int, str, str]], zone: ZoneInfo, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        self._zone = zone
        offered = self.fields["topics"]
        if isinstance(offered, forms.TypedMultipleChoiceField):
            offered.choices = [(number, described(title, content)) for number, title, content in topics]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("way") == Method.PAPER and not cleaned.get("scan") and "scan" not in self.errors:
            self.add_error("scan", _("Choose a scan or a photo of the paper: without it nothing is proved."))
        if "on" in cleaned and cleaned["on"] < FIRST_DAY:
            self.add_error("on", _("This day is before the year 2000. Check the year."))
        elif "on" in cleaned and "at_time" in cleaned:
            cleaned["at"] = datetime.combine(cleaned["on"], cleaned["at_time"] or MIDNIGHT, self._zone)
            if cleaned["at"] > clock.now():
                self.add_error("on", _("This moment is still to come."))
        return cleaned
