"""Where a launch to many stands: whether a second person is needed, was asked, said yes or sent it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Act, may
from shodaku.campaigns import selectors
from shodaku.campaigns.domain import Approval, ApprovalState, OpenApproval, Preflight, needs_second_person
from shodaku.console.approval_form import AskForm, SendBackForm
from shodaku.console.frame import place
from shodaku.console.guard import Visitor


@dataclass(frozen=True, slots=True)
class OpenLine:
    """One request in a list."""

    approval: OpenApproval
    who: str
    href: str


def second_person(visitor: Visitor, counted: Preflight, forms: Mapping[str, object]) -> dict[str, Any]:
    """For the rail of the pre-flight; without a need nothing of it stands there."""
    above = accounts.two_persons_above(visitor.workspace_id)
    if not needs_second_person(counted.sendable, above):
        return {"alone": True}
    asked = selectors.approval(visitor.workspace_id, counted.campaign_id)
    names = staff_names(visitor)
    holds = asked is not None and asked.covers(counted.content_sha256) and counted.sendable <= asked.people
    state = asked.state if asked is not None and (holds or not _is_open(asked)) else ""
    return {
        "alone": holds and state == ApprovalState.APPROVED,
        "above": above,
        "approval": asked,
        "approval_state": state or (ApprovalState.VOID if asked is not None else ""),
        "asked_by": names.get(asked.asked_by, "") if asked else "",
        "decided_by": names.get(asked.decided_by or 0, "") if asked else "",
        "own": asked is not None and asked.asked_by == visitor.staff_id,
        "may_approve": may(visitor.role, Act.APPROVE),
        "ask_form": forms.get("ask_form") or AskForm(auto_id="ask_%s"),
        "back_form": forms.get("back_form") or SendBackForm(auto_id="back_%s"),
        "sends_back": "back_form" in forms,
    }


def waiting_for(visitor: Visitor) -> list[OpenLine]:
    """What this person may approve, asked for by others."""
    if not may(visitor.role, Act.APPROVE):
        return []
    found = selectors.waiting_approvals(visitor.workspace_id)
    return _lines(visitor, (each for each in found if each.asked_by != visitor.staff_id))


def sent_back_to(visitor: Visitor) -> list[OpenLine]:
    return _lines(visitor, selectors.returned_approvals(visitor.workspace_id, visitor.staff_id))


def staff_names(visitor: Visitor) -> dict[int, str]:
    return {each.staff_id: each.name for each in accounts.staff(visitor.workspace_id)}


def _lines(visitor: Visitor, found: Iterable[OpenApproval]) -> list[OpenLine]:
    rows = list(found)
    names = staff_names(visitor) if rows else {}
    return [
        OpenLine(
            each,
            names.get(each.decided_by or each.asked_by, ""),
            place(visitor, "preflight", each.campaign_id),
        )
        for each in rows
    ]


def _is_open(asked: Approval) -> bool:
    return asked.state in (ApprovalState.ASKED, ApprovalState.APPROVED)
