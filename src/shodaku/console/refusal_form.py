"""A no that staff note down for somebody, and the word that must be typed where it erases."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shodaku.accounts.domain import OptOutRule
from shodaku.consent.domain import Method
from shodaku.console.fields import ERASE_WORDS, field_of
from shodaku.kit.ui.renderer import described


class RefusalForm(forms.Form):
    """A no that came by telephone, letter or across the counter."""

    scope = forms.ChoiceField(label=_("What the person said no to"), widget=forms.RadioSelect, initial="all")
    topic = forms.TypedChoiceField(
        label=_("Topic"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("Only for one topic."),
    )
    via = forms.ChoiceField(
        label=_("How it reached you"),
        choices=[
            (Method.TELEPHONE.value, _("Telephone")),
            (Method.PAPER.value, _("Letter or paper")),
            (Method.STAFF.value, _("In person")),
        ],
    )
    confirmed = forms.CharField(
        label=_("To erase, type “erase”"), required=False, max_length=20, help_text=_("Only to erase.")
    )

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - Django's signature
        topics: list[tuple[int, str]],
        may_erase: bool,
        rule: OptOutRule,
        **kwargs: Any,  # noqa: ANN401 - Django's signature
    ) -> None:
        super().__init__(*args, **kwargs)
        self._erasing = {"all", "erase"} if rule is OptOutRule.ERASE else {"erase"}
        scopes = [("all", _all_means(rule)), ("topic", _("One topic"))]
        if may_erase and rule is not OptOutRule.ERASE:
            scopes.append(("erase", described(_("Everything, and erase it"), _("It cannot be undone."))))
        field_of(self, "scope", forms.ChoiceField).choices = scopes
        field_of(self, "topic", forms.TypedChoiceField).choices = [("", "–"), *topics]
        if not self._erasing & {scope for scope, _label in scopes}:
            del self.fields["confirmed"]
        elif rule is OptOutRule.ERASE:
            self.fields["confirmed"].help_text = _("For all advertising: here it erases.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("scope") == "topic" and not cleaned.get("topic"):
            self.add_error("topic", _("Choose the topic."))
        typed = str(cleaned.get("confirmed", "")).strip().lower()
        if cleaned.get("scope") in self._erasing and typed not in ERASE_WORDS:
            self.add_error("confirmed", _("Erasing cannot be undone. Type “erase” to go on."))
        return cleaned


def _all_means(rule: OptOutRule) -> Any:  # noqa: ANN401 - a lazy text, or markup made of two
    if rule is OptOutRule.ERASE:
        return described(_("All advertising"), _("Here this erases all that is known. It cannot be undone."))
    return _("All advertising")
