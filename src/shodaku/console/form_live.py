"""What the desk is told about a form while it is written: the linter, hints, what changes, how it looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shodaku.console import words
from shodaku.console.guard import Visitor
from shodaku.signup import services
from shodaku.signup.domain import EmptyForm, FormDefinition, Hint, UnfitFields

HINTS: Final = {
    Hint.SENSITIVE: _(
        "A question is about something that the law protects more strictly. Ask it only with a consent to "
        "just that, and better not at all."
    ),
    Hint.WISH_AS_QUESTION: _(
        "A question asks for the wish to get mail. Its answer is no consent; make a topic of it."
    ),
    Hint.UNEXPLAINED_PRESENT: _("Say when and how people get the present, and until when."),
    Hint.MUST_FILL: _(
        "A mail needs an address and nothing else. Consider whether the others must be filled."
    ),
    Hint.WHOLE_BIRTHDAY: _("For a birthday greeting, the month in a question of your own is enough."),
    Hint.NUMBER_WITHOUT_USE: _("A mobile number is of no use here without a consent to text messages."),
    Hint.MANY: _("The form asks for much. Each field more is a reason not to sign up."),
}


@dataclass(frozen=True, slots=True)
class Live:
    """`trouble`: why nothing can be said yet. Else the linter's answer and what would be published."""

    trouble: str | Promise = ""
    plan: services.Plan | None = None

    @property
    def passes(self) -> bool:
        return self.plan is not None and self.plan.answer.passes

    @property
    def told(self) -> list[words.Told]:
        if self.plan is None:
            return []
        answer = self.plan.answer
        return [words.told(reason.value) for reason in answer.faults or (answer.reason,)]

    @property
    def hints(self) -> list[str | Promise]:
        return [HINTS[hint] for hint in self.plan.hints] if self.plan is not None else []

    @property
    def changes(self) -> list[tuple[str, tuple[object, ...]]]:
        """Languages whose words change, with the lines."""
        found = self.plan.changes.items() if self.plan is not None else ()
        return [(language, lines) for language, lines in found if lines]

    @property
    def compared(self) -> bool:
        return self.plan is not None and bool(self.plan.changes)

    @property
    def languages(self) -> list[tuple[str, str]]:
        return [("ja", "日本語"), ("en", "English")]

    @property
    def seen(self) -> str:
        return self.plan.sha256 if self.plan is not None else ""


NOTHING_YET: Final = Live(_("Write a heading and choose a topic, then the form can be checked."))


def look(visitor: Visitor, form_id: int, definition: FormDefinition) -> Live:
    try:
        return Live(plan=services.plan(visitor.workspace_id, form_id, definition))
    except services.OtherSender:
        return Live(
            _("These topics are of several senders. Who agrees must know whom to: one form for each sender.")
        )
    except (services.NoTopic, EmptyForm):
        return NOTHING_YET
    except UnfitFields:
        return Live(_("Two questions have one name, or a list has nothing to choose from."))
