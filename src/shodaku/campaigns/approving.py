"""A second person's yes before a launch to many: asked for, given, sent back. Door: `services`.

A yes is to one content (its digest names topic, conditions and time too) and to at most so many people as
were shown. Whatever ends the counts of a draft ends it too; the launch looks once more, in its transaction.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from datetime import datetime

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Act, Role, may
from shodaku.campaigns import selectors
from shodaku.campaigns.domain import (
    APPROVAL_WORDS_MAX,
    Approval,
    ApprovalNeeded,
    ApprovalState,
    ApproveAnswer,
    Approved,
    AskAnswer,
    Asked,
    ContentChanged,
    DisplayMissing,
    MorePeople,
    NotSendable,
    StartPassed,
    needs_second_person,
)
from shodaku.campaigns.draft import NoCampaign, campaign_of, faults_of, frozen
from shodaku.campaigns.selectors import Campaign
from shodaku.campaigns.trials import trial_objection
from shodaku.content.domain import Frozen
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value

_sql = db.Statements("shodaku.campaigns")


class OwnRequest(ShodakuError):
    """Nobody approves what they asked for themselves; another person has to look at it."""

    code = "own_request"


class NoApprover(ShodakuError):
    """Approving a launch needs the role Owner, Marketing or Compliance."""

    code = "no_approver"


class NotAsked(ShodakuError):
    """Somebody decided it, took it back or changed the content meanwhile; look at it again."""

    code = "not_asked"


class WordsNeeded(WrongUse):
    """Say in at most 500 characters what has to be changed."""

    code = "words_needed"


class WordsTooLong(WrongUse):
    """A note has at most 500 characters and no control characters."""

    code = "words_too_long"


def ask_approval(
    workspace_id: int,
    campaign_id: int,
    preflight_id: int,
    note: str,
    *,
    staff_id: int,
    now: datetime,
    claimed: bool = False,
) -> AskAnswer:
    """Ask a second person for the launch of what was counted; what was asked before ends.

    `claimed`: at a command line in the name of `staff_id`. Whoever sits there can name anybody, so the
    ledger and whoever approves are told of it (docs/adr/0058).

    Raises NoCampaign, NotAsked for what was launched, WordsTooLong, TemplateFault, VaultAway.
    """
    note = _words(note)
    campaign = campaign_of(workspace_id, campaign_id)
    ready = frozen(workspace_id, campaign)
    if missing := faults_of(workspace_id, campaign, ready):
        return DisplayMissing(missing)
    if campaign.starts_at is not None and campaign.starts_at <= now:
        return StartPassed(campaign.starts_at)
    if unmeasured := trial_objection(workspace_id, campaign):
        return unmeasured
    ledger.ensure_keys(workspace_id, [ledger.INSTALLATION])
    with db.transaction(workspace_id):
        if _locked(workspace_id, campaign_id) != ready:
            return ContentChanged()
        shown = selectors.preflight(workspace_id, campaign_id, preflight_id)
        if shown is None or not shown.done or shown.content_sha256 != ready.content_sha256:
            return ContentChanged()
        if not shown.sendable:
            return NotSendable(shown.reasons)
        end_approvals(campaign_id, ApprovalState.VOID)
        approval_id: int = _sql.scalar(
            "insert_approval",
            campaign_id=campaign_id,
            preflight_id=preflight_id,
            digest=ready.content_sha256,
            people=shown.sendable,
            note=note,
            staff_id=staff_id,
            claimed=claimed,
            now=now,
        )
        _record(workspace_id, "asked", _newest(workspace_id, campaign_id), staff_id, now)
        return Asked(approval_id, shown.sendable)


def approve(
    workspace_id: int, campaign_id: int, approval_id: int, *, staff_id: int, now: datetime
) -> ApproveAnswer:
    """The second person's yes; approving twice is one approval.

    Raises NoCampaign, OwnRequest, NoApprover, NotAsked, TemplateFault, VaultAway.
    """
    ledger.ensure_keys(workspace_id, [ledger.INSTALLATION])
    with db.transaction(workspace_id):
        ready = _locked(workspace_id, campaign_id)
        asked = _of_another(workspace_id, campaign_id, approval_id, staff_id)
        if asked.state == ApprovalState.APPROVED and asked.decided_by == staff_id:
            return Approved(approval_id, asked.people)
        if asked.state != ApprovalState.ASKED:
            raise NotAsked
        if not asked.covers(ready.content_sha256):
            return ContentChanged()
        campaign = campaign_of(workspace_id, campaign_id)
        if campaign.starts_at is not None and campaign.starts_at <= now:
            return StartPassed(campaign.starts_at)
        newest = selectors.latest_preflight(workspace_id, campaign_id)
        if newest is not None and newest.done and newest.sendable > asked.people:
            return MorePeople(asked.people, newest.sendable)
        _decide(asked, ApprovalState.APPROVED, "", staff_id, now)
        _record(workspace_id, "given", asked, staff_id, now)
        return Approved(approval_id, asked.people)


def send_back(
    workspace_id: int, campaign_id: int, approval_id: int, words: str, *, staff_id: int, now: datetime
) -> None:
    """The second person's no, with what has to be changed.

    Raises NoCampaign, WordsNeeded, OwnRequest, NoApprover, NotAsked, VaultAway.
    """
    if not words.strip():
        raise WordsNeeded
    words = _words(words)
    ledger.ensure_keys(workspace_id, [ledger.INSTALLATION])
    with db.transaction(workspace_id):
        _lock(campaign_id)
        asked = _of_another(workspace_id, campaign_id, approval_id, staff_id)
        if asked.state != ApprovalState.ASKED:
            raise NotAsked
        _decide(asked, ApprovalState.RETURNED, words, staff_id, now)
        _record(workspace_id, "returned", asked, staff_id, now)


def take_back(workspace_id: int, campaign_id: int, approval_id: int, *, staff_id: int, now: datetime) -> None:
    """By the one who asked; also after the yes, as long as it was not launched.

    Raises NoCampaign, NotAsked, VaultAway.
    """
    ledger.ensure_keys(workspace_id, [ledger.INSTALLATION])
    with db.transaction(workspace_id):
        _lock(campaign_id)
        asked = _newest(workspace_id, campaign_id)
        if asked.approval_id != approval_id or asked.asked_by != staff_id or not _open(asked):
            raise NotAsked
        end_approvals(campaign_id, ApprovalState.TAKEN_BACK)
        _record(workspace_id, "taken_back", asked, staff_id, now)


def end_approvals(campaign_id: int, state: ApprovalState) -> None:
    """In the open transaction: what was asked or approved holds no more."""
    _sql.run("end_approvals", campaign_id=campaign_id, state=state)


def approval_objection(
    workspace_id: int, campaign_id: int, content_sha256: str, people: int
) -> ApprovalNeeded | MorePeople | None:
    """What keeps a launch to so many people back, in its own transaction; the campaign's row is held."""
    above = accounts.two_persons_above(workspace_id)
    if above is None or not needs_second_person(people, above):
        return None
    found = selectors.approval(workspace_id, campaign_id)
    if found is None or found.state != ApprovalState.APPROVED or not found.covers(content_sha256):
        return ApprovalNeeded(people, above)
    return MorePeople(found.people, people) if people > found.people else None


def used_approval(workspace_id: int, campaign_id: int, content_sha256: str) -> Mapping[str, Value]:
    """For the entry of the launch, in its transaction: whose yes it rests on, needed or not."""
    found = selectors.approval(workspace_id, campaign_id)
    if found is None or found.state != ApprovalState.APPROVED or not found.covers(content_sha256):
        return {}
    end_approvals(campaign_id, ApprovalState.USED)
    return {
        "approval": found.approval_id,
        "approved_by": f"staff:{found.decided_by}",
        **({"asked_at_command_line": True} if found.claimed else {}),
    }


def _lock(campaign_id: int) -> None:
    state = _sql.scalar("lock_campaign", campaign_id=campaign_id)
    if state is None:
        raise NoCampaign
    if state != selectors.DRAFT:
        raise NotAsked


def _locked(workspace_id: int, campaign_id: int) -> Frozen:
    """What the draft stands for now that its row is held."""
    _lock(campaign_id)
    campaign: Campaign = campaign_of(workspace_id, campaign_id)
    return frozen(workspace_id, campaign)


def _newest(workspace_id: int, campaign_id: int) -> Approval:
    found = selectors.approval(workspace_id, campaign_id)
    if found is None:
        raise NotAsked
    return found


def _of_another(workspace_id: int, campaign_id: int, approval_id: int, staff_id: int) -> Approval:
    roles = {each.staff_id: Role(each.role) for each in accounts.staff(workspace_id)}
    if staff_id not in roles or not may(roles[staff_id], Act.APPROVE):
        raise NoApprover
    asked = _newest(workspace_id, campaign_id)
    if asked.approval_id != approval_id:
        raise NotAsked
    if asked.asked_by == staff_id:
        raise OwnRequest
    return asked


def _open(asked: Approval) -> bool:
    return asked.state in (ApprovalState.ASKED, ApprovalState.APPROVED)


def _decide(asked: Approval, state: ApprovalState, words: str, staff_id: int, now: datetime) -> None:
    _sql.run(
        "update_approval",
        campaign_id=asked.campaign_id,
        approval_id=asked.approval_id,
        state=state,
        words=words,
        staff_id=staff_id,
        now=now,
    )


def _words(said: str) -> str:
    """Lines may be broken; other controls and lone surrogates may not stand in it. Raises WordsTooLong."""
    text = "\n".join(said.strip().splitlines())
    odd = any(unicodedata.category(each) in ("Cc", "Cs") for each in text.replace("\n", ""))
    if odd or len(text) > APPROVAL_WORDS_MAX:
        raise WordsTooLong
    return text


def _record(workspace_id: int, act: str, asked: Approval, staff_id: int, now: datetime) -> None:
    """Numbers alone: what was said stands with the request. Who asked at a command line is a claim."""
    said: dict[str, Value] = {
        "campaign": asked.campaign_id,
        "approval": asked.approval_id,
        "preflight": asked.preflight_id,
        "content": asked.content_sha256,
        "people": asked.people,
        "by": f"staff:{staff_id}",
    }
    if asked.claimed and act == "asked":
        said |= {"by": "command line", "in_the_name_of": f"staff:{staff_id}"}
    elif asked.claimed:
        said["asked_at_command_line"] = True
    ledger.record_act(
        workspace_id, f"admin.approval.{act}", said, event_id=uuid7(now, os.urandom(10)), now=now
    )
