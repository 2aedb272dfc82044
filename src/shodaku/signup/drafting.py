"""What a form would say if it were published now; and how a version is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from psycopg.types.json import Jsonb

from shodaku.kit import db
from shodaku.kit.errors import WrongUse
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.policy.domain import FormAnswer
from shodaku.signup import publishing, selectors
from shodaku.signup.comparing import Line, differences
from shodaku.signup.domain import (
    FormDefinition,
    Hint,
    Shown,
    as_json,
    definition_as_json,
    form_sha256,
    hints,
)
from shodaku.signup.sending import new_event_id

_sql = db.Statements("shodaku.signup")


class NoVersion(WrongUse):
    """The form has no such version."""

    code = "no_version"


@dataclass(frozen=True, slots=True)
class Plan:
    """A version that is not published."""

    shown: Shown
    sha256: str  # of all that would be frozen: what somebody looked at before they press
    answer: FormAnswer  # of the worse language
    hints: tuple[Hint, ...]
    changes: Mapping[str, tuple[Line, ...]]  # by language, against the newest version; empty without one


def plan(workspace_id: int, form_id: int, definition: FormDefinition) -> Plan:
    """As topics and sender are now. Raises NoForm, NoTopic, EmptyForm, UnfitFields."""
    with db.transaction(workspace_id):
        known = next((each for each in selectors.forms(workspace_id) if each.form_id == form_id), None)
        if known is None:
            raise publishing.NoForm
        published = publishing.freeze(workspace_id, known.sender_id, definition)
        newest = selectors.form_version(workspace_id, form_id, known.version)
    shown = Shown(workspace_id=workspace_id, form_id=form_id, version=0, language="ja", published=published)
    answers = publishing.answers(shown)
    return Plan(
        shown=shown,
        sha256=form_sha256(as_json(published)),
        answer=next((each for each in answers if not each.passes), answers[0]),
        hints=hints(
            definition.fields,
            unexplained_present=bool(definition.incentive) and not definition.incentive_condition,
        ),
        changes={
            language: differences(newest.published.wording(language).text, wording.text)
            for language, wording in published.wordings.items()
            if newest is not None
        },
    )


def save_draft(
    workspace_id: int, form_id: int, definition: FormDefinition, staff_id: int | None, now: datetime
) -> None:
    """Seen by staff alone. Raises NoForm."""
    with db.transaction(workspace_id):
        if _sql.scalar("lock_form", form_id=form_id) is None:
            raise publishing.NoForm
        _sql.run(
            "save_draft",
            form_id=form_id,
            definition=Jsonb(definition_as_json(definition)),
            staff_id=staff_id,
            now=now,
        )


def in_language(shown: Shown, language: str) -> Shown:
    return replace(shown, language=language)


def withdraw_version(
    workspace_id: int, form_id: int, version: int, staff_id: int | None, now: datetime
) -> bool:
    """Nobody agrees to its words from now on, by its page or by a mail that still asks; False: it was so.

    Who agreed before keeps what they agreed to, and its page stays as evidence. Raises NoVersion, VaultAway.
    """
    with db.transaction(workspace_id):
        _sql.scalar("lock_form", form_id=form_id)
        kept = selectors.form_version(workspace_id, form_id, version)
        if kept is None:
            raise NoVersion
        if not _sql.run("insert_withdrawn", form_id=form_id, version=version, staff_id=staff_id, now=now):
            return False
        said: dict[str, Value] = {
            "form": str(form_id),
            "version": version,
            "form_sha256": kept.sha256,
            "state": "withdrawn",
            "by": "system" if staff_id is None else f"staff:{staff_id}",
        }
        ledger.record_act(workspace_id, Kind.WORDING, said, event_id=new_event_id(now), now=now)
        return True
