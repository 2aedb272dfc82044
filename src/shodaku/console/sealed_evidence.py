"""What a visitor sees of sealed evidence: how much there is, who asked to open it, which steps are theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Act, may
from shodaku.console.guard import Visitor
from shodaku.console.unsealing_form import UnsealingForm, new_form
from shodaku.console.words import Badge
from shodaku.erasure import selectors as erasure
from shodaku.erasure.domain import (
    Unsealing,
    UnsealingState,
    UnsealingStep,
    Who,
    refuse_step,
    unsealing_state,
)

STATES: Final[Mapping[UnsealingState, Badge]] = {
    UnsealingState.WAITING: Badge("wait", _("Waiting for a second person")),
    UnsealingState.APPROVED: Badge("go", _("Approved")),
    UnsealingState.LAPSED: Badge("never", _("Its time is over")),
    UnsealingState.DECLINED: Badge("never", _("Declined or taken back")),
    UnsealingState.OPENED: Badge("info", _("Opened")),
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request, as it stands before one visitor."""

    unsealing_id: int
    badge: Badge
    reason: str
    asked_by: str
    asked_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    last_sent_at: datetime
    ends_at: datetime | None  # None: it has ended
    own: bool
    steps: frozenset[str]  # which of approve, decline, open the visitor may take

    @property
    def waits_for_another(self) -> bool:
        return self.own and self.approved_by is None and self.ends_at is not None


def section(visitor: Visitor, now: datetime, form: UnsealingForm | None = None) -> dict[str, Any]:
    """For console/_sealed.html. Who may not reveal sees the numbers alone."""
    may_reveal = may(visitor.role, Act.REVEAL)
    return {
        "holdings": erasure.holdings(visitor.workspace_id, now=now),
        "may_unseal": may_reveal,
        "unsealings": _requests(visitor, now) if may_reveal else [],
        "unsealing_form": form or new_form(),
    }


def _requests(visitor: Visitor, now: datetime) -> list[Request]:
    names = {each.staff_id: each.name for each in accounts.staff(visitor.workspace_id)}
    return [_request(each, visitor, names, now) for each in erasure.unsealings(visitor.workspace_id)]


def _request(each: Unsealing, visitor: Visitor, names: Mapping[int, str], now: datetime) -> Request:
    state, who = unsealing_state(each, now), Who(visitor.staff_id, visitor.role)
    open_ = state in (UnsealingState.WAITING, UnsealingState.APPROVED)
    return Request(
        each.unsealing_id,
        STATES[state],
        each.reason,
        _name(each.asked_by, names),
        each.asked_at,
        None if each.approved_by is None else _name(each.approved_by, names),
        each.approved_at,
        each.last_sent_at,
        each.ends_at if open_ else None,
        each.asked_by == visitor.staff_id,
        frozenset(step.value for step in UnsealingStep if refuse_step(step, who, each, now) is None),
    )


def _name(staff_id: int, names: Mapping[int, str]) -> str:
    return names.get(staff_id) or gettext("somebody who no longer works here")
