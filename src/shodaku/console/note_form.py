"""Notes and tasks about a person: the form, and the lines with the names of the staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from shodaku.accounts import selectors as accounts
from shodaku.console import people
from shodaku.console.guard import Visitor
from shodaku.contacts.selectors import Note
from shodaku.contacts.services import NOTE_CHARACTERS_MAX
from shodaku.kit import clock


class NoteForm(forms.Form):
    """A note; with a day, a task."""

    text = forms.CharField(
        label=_("What is to be known or done"),
        max_length=NOTE_CHARACTERS_MAX,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The person can ask to read it. It is erased with the person."),
    )
    due_on = forms.DateField(
        label=_("To be done until"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Only for a task."),
    )
    whose = forms.TypedChoiceField(label=_("Whose task"), coerce=int, required=False, empty_value=None)

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - Django's signature
        staff: Mapping[int, str],
        **kwargs: Any,  # noqa: ANN401 - Django's signature
    ) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["whose"]
        if isinstance(chosen, forms.ChoiceField):
            chosen.choices = [("", _("Anybody")), *staff.items()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("whose") and not cleaned.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _("A task needs a day. Enter one, or choose “Anybody” for a note."))
        return cleaned


@dataclass(frozen=True, slots=True)
class NoteLine:
    note: Note
    name: str  # of the person
    writer: str
    whose: str
    late: bool


def note_form_of(visitor: Visitor, said: Any = None) -> NoteForm:  # noqa: ANN401 - a QueryDict or nothing
    return NoteForm(said, staff=_staff(visitor), auto_id="note_%s")


def note_lines(visitor: Visitor, notes: Sequence[Note]) -> list[NoteLine]:
    if not notes:
        return []
    staff, named = _staff(visitor), people.lines(visitor.workspace_id, {each.contact_id for each in notes})
    today = clock.now().astimezone(ZoneInfo(visitor.workspace.timezone)).date()
    return [
        NoteLine(
            each,
            named[each.contact_id].name if each.contact_id in named else "",
            staff.get(each.written_by, ""),
            staff.get(each.whose or 0, ""),
            each.open and each.due_on is not None and each.due_on < today,
        )
        for each in notes
    ]


def _staff(visitor: Visitor) -> dict[int, str]:
    return {each.staff_id: each.name for each in accounts.staff(visitor.workspace_id)}
