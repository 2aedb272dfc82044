"""Up to three other variants of a campaign, and how they are tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shodaku.campaigns.domain import Judged, NewTrial, Trial, Variant
from shodaku.console.fields import MAIL_CHARACTERS_MAX

LETTERS: Final = ("B", "C", "D")  # A is the campaign itself
SUBJECT_CHARACTERS_MAX: Final = 200


class TrialForm(forms.Form):
    """The fields of a variant are named after its letter; one without any entry is none."""

    share_percent = forms.IntegerField(
        label=_("Share of the people who try, in percent"),
        min_value=2,
        max_value=50,
        initial=20,
        help_text=_("All variants together; each gets the same part. Who tries is drawn by lot."),
    )
    judged_by = forms.ChoiceField(
        label=_("The others get"),
        widget=forms.RadioSelect,
        initial=Judged.CLICKS.value,
        choices=[
            (Judged.CLICKS.value, _("the one whose links were followed by the largest share")),
            (Judged.OPENS.value, _("the one that was opened by the largest share")),
            (Judged.HAND.value, _("the one that somebody chooses")),
        ],
        help_text=_("Measured only of those who allow it. Of equal ones, and where nobody acted, A."),
    )
    hours = forms.IntegerField(
        label=_("Hours after the start"),
        min_value=1,
        max_value=72,
        initial=4,
        help_text=_("Then it is decided, once all variants have left. By hand one chooses at any time."),
    )

    def __init__(self, *args: Any, **others: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **others)
        for letter in LETTERS:
            self.fields |= _fields(letter)

    @property
    def variants(self) -> Sequence[tuple[str, list[Any]]]:
        return [(each, [self[f"{part}_{each}"] for part in ("subject", "text", "html")]) for each in LETTERS]

    @property
    def settings(self) -> list[Any]:
        return [self[name] for name in ("share_percent", "judged_by", "hours")]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors and not any(map(self._written, LETTERS)):
            self.add_error("subject_B", gettext("Write another subject, or another text, for B."))
        return said

    def order(self) -> NewTrial:
        """Of a form that is valid."""
        said = self.cleaned_data
        return NewTrial(
            tuple(
                Variant(said[f"subject_{each}"], said[f"text_{each}"], said[f"html_{each}"])
                for each in LETTERS
                if self._written(each)
            ),
            said["share_percent"],
            Judged(said["judged_by"]),
            said["hours"],
        )

    def _written(self, letter: str) -> bool:
        return any(self.cleaned_data.get(f"{part}_{letter}") for part in ("subject", "text", "html"))


def initial_of(found: Trial | None) -> dict[str, object]:
    if found is None:
        return {}
    said: dict[str, object] = {
        "share_percent": found.share_percent,
        "judged_by": found.judged_by,
        "hours": found.hours,
    }
    for letter, each in zip(LETTERS, found.variants[1:], strict=False):
        said |= {f"subject_{letter}": each.subject, f"text_{letter}": each.text, f"html_{letter}": each.html}
    return said


def _fields(letter: str) -> dict[str, forms.Field]:
    return {
        f"subject_{letter}": forms.CharField(
            label=_("Subject"), max_length=SUBJECT_CHARACTERS_MAX, required=False
        ),
        f"text_{letter}": forms.CharField(
            label=_("Text of the mail"),
            max_length=MAIL_CHARACTERS_MAX,
            required=False,
            widget=forms.Textarea({"rows": 3}),
            help_text=_("What is left empty is as in A."),
        ),
        f"html_{letter}": forms.CharField(
            label=_("HTML"),
            max_length=MAIL_CHARACTERS_MAX,
            required=False,
            widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
        ),
    }
