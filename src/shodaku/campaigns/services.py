"""Write, count, test, launch, pause, resume, cancel: one transaction each, acts of staff in the ledger."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from psycopg.types.json import Jsonb

from shodaku.accounts import selectors as accounts
from shodaku.accounts.displays import keep_display
from shodaku.campaigns import selectors, writing
from shodaku.campaigns.again import (
    AlreadyAgain,
    NotForNotices,
    NotYetSent,
    OpensNotCounted,
    SameSubject,
    check_again,
    send_again,
)
from shodaku.campaigns.approving import (
    NoApprover,
    NotAsked,
    OwnRequest,
    WordsNeeded,
    WordsTooLong,
    approval_objection,
    approve,
    ask_approval,
    send_back,
    take_back,
    used_approval,
)
from shodaku.campaigns.back_numbers import (
    NotForEverybody,
    hide_from_everybody,
    may_be_shown,
    show_to_everybody,
)
from shodaku.campaigns.counting import (
    CountEnded,
    NoDraft,
    at_once,
    compare_rules,
    count,
    end_counts,
    first_readers,
    forget,
    forget_members,
    holds,
    recount,
    run_count,
    start_count,
)
from shodaku.campaigns.discarding import OnlyDrafts, discard
from shodaku.campaigns.domain import (
    NAME_CHARACTERS_MAX,
    TEST_MARK,
    TEST_NOTE,
    ApprovalNeeded,
    Approved,
    Asked,
    Comparison,
    ContentChanged,
    CountTooOld,
    DisplayMissing,
    Examined,
    LaunchAnswer,
    Launched,
    MorePeople,
    NewCampaign,
    NothingMeasured,
    NotSendable,
    OtherRules,
    Preflight,
    StartPassed,
    may_start_at,
    noticed_product,
)
from shodaku.campaigns.draft import (
    NoCampaign,
    NoTopic,
    TopicPutAway,
    campaign_of,
    examine,
    faults_of,
    frozen,
    mailing_of,
    offered_topic,
    topic_of,
)
from shodaku.campaigns.files import change_files, copy_files
from shodaku.campaigns.finished import lacks, turned_into_code
from shodaku.campaigns.permission import permission_request
from shodaku.campaigns.rehearsal import values_of
from shodaku.campaigns.reporting import ask_due_reports, ask_report, refresh_report
from shodaku.campaigns.selectors import Campaign
from shodaku.campaigns.simulating import (
    RulesAsked,
    SimulationEnded,
    ask_simulation,
    run_simulation,
    simulate,
)
from shodaku.campaigns.stops import record_stops
from shodaku.campaigns.trials import (
    NoDraftToTry,
    NothingToDecide,
    NotMeasured,
    OnlyAdvertising,
    SameTwice,
    TrialOutOfRange,
    decide_trial,
    drop_trial,
    judge_trials,
    mailings_of,
    plan_campaign,
    save_trial,
    trial_measured,
    trial_objection,
)
from shodaku.campaigns.uncertain import (
    DECISION_CHARACTERS_MAX,
    Decided,
    NoDecisionReason,
    NothingGoesAgain,
    decide_uncertain,
    whom,
)
from shodaku.campaigns.writing import NoRevision, SaveAnswer, Saved, SomebodyElseSaved
from shodaku.consent import services as consent
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import EmailAddress, parse_email
from shodaku.content.domain import Frozen, MailFile, Source, Written
from shodaku.delivery import services as delivery
from shodaku.delivery.domain import MailingKind
from shodaku.delivery.services import Loosens, NoPack
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value
from shodaku.policy.domain import Ads, MessageClass
from shodaku.segments import selectors as segments
from shodaku.segments.domain import Condition, DidNotOpen, InSegment, dump
from shodaku.segments.services import NoSegment
from shodaku.suppression import selectors as suppression_known
from shodaku.suppression.domain import in_force

__all__ = [
    "DECISION_CHARACTERS_MAX",
    "AlreadyAgain",
    "AlreadyLaunched",
    "ApprovalNeeded",
    "Approved",
    "Asked",
    "Comparison",
    "ContentChanged",
    "CountEnded",
    "CountTooOld",
    "Decided",
    "DisplayMissing",
    "Examined",
    "Launched",
    "Loosens",
    "MorePeople",
    "NewCampaign",
    "NoApprover",
    "NoBuyers",
    "NoCampaign",
    "NoDecisionReason",
    "NoDraft",
    "NoDraftToTry",
    "NoPack",
    "NoRevision",
    "NoSegment",
    "NoTopic",
    "NotAsked",
    "NotForEverybody",
    "NotForNotices",
    "NotMeasured",
    "NotSendable",
    "NotYetSent",
    "NothingGoesAgain",
    "NothingMeasured",
    "NothingToDecide",
    "OnlyAdvertising",
    "OnlyDrafts",
    "OpensNotCounted",
    "OtherRules",
    "OwnRequest",
    "Preflight",
    "RulesAsked",
    "SameSubject",
    "SameTwice",
    "SaveAnswer",
    "Saved",
    "SimulationEnded",
    "SomebodyElseSaved",
    "StaffErased",
    "StaffRefused",
    "StartOutOfReach",
    "StartPassed",
    "TopicPutAway",
    "TrialOutOfRange",
    "WordsNeeded",
    "WordsTooLong",
    "approve",
    "ask_approval",
    "ask_due_reports",
    "ask_report",
    "ask_simulation",
    "cancel",
    "check_again",
    "compare_rules",
    "copy",
    "count",
    "create",
    "decide_trial",
    "decide_uncertain",
    "discard",
    "drop_trial",
    "edit",
    "examine",
    "first_readers",
    "forget",
    "frozen",
    "hide_from_everybody",
    "judge_trials",
    "lacks",
    "launch",
    "may_be_shown",
    "pause",
    "permission_request",
    "record_stops",
    "recount",
    "refresh_report",
    "restore_document",
    "resume",
    "run_count",
    "run_simulation",
    "save_document",
    "save_trial",
    "schedule",
    "send_again",
    "send_back",
    "show_to_everybody",
    "simulate",
    "start_count",
    "start_now",
    "take_back",
    "test_send",
    "trial_measured",
    "turn_into_code",
    "values_of",
    "whom",
    "write_as_code",
    "write_in_blocks",
]

_sql = db.Statements("shodaku.campaigns")


class NameTooLong(WrongUse):
    """The name of a campaign is needed, and has at most 100 characters."""

    code = "name_too_long"


class NoBuyers(WrongUse):
    """A notice goes to the buyers of a product of the catalogue; choose one."""

    code = "notice_without_product"


class AlreadyLaunched(ShodakuError):
    """A campaign that was launched is not edited any more; cancel it and copy it."""

    code = "already_launched"


class SavedMeanwhile(ShodakuError):
    """Somebody else saved this campaign first; compare and choose."""

    code = "saved_meanwhile"


class StartOutOfReach(WrongUse):
    """A campaign starts in the future, within 90 days."""

    code = "start_out_of_reach"


class NoStaff(WrongUse):
    """A test goes to a member of this workspace."""

    code = "no_staff"


class StaffRefused(ShodakuError):
    """You stopped mails to your own address; sign up again to get tests."""

    code = "staff_refused"


class StaffErased(ShodakuError):
    """The address was erased and is never contacted again, not even for a test."""

    code = "staff_erased"


def create(
    workspace_id: int,
    new: NewCampaign,
    *,
    staff_id: int | None,
    now: datetime,
    added: Sequence[MailFile] = (),
) -> int:
    """The campaign's id; it may still be empty.

    Raises NoTopic, TopicPutAway, NoSegment, NoBuyers, NameTooLong, StartOutOfReach, TemplateFault for the
    files.
    """
    topic = offered_topic(workspace_id, new.topic_id)
    _check_segments(workspace_id, new.conditions)
    _check_buyers(workspace_id, new)
    _check_start(new.starts_at, now)
    with db.transaction(workspace_id):
        campaign_id: int = _sql.scalar(
            "insert_campaign", sender_id=topic.sender_id, staff_id=staff_id, now=now, **_columns(new)
        )
        change_files(workspace_id, campaign_id, added, (), now=now)
        _record_anyway(workspace_id, "admin.campaign.created", campaign_id, staff_id, now)
        return campaign_id


def edit(
    workspace_id: int,
    campaign_id: int,
    new: NewCampaign,
    *,
    staff_id: int | None,
    now: datetime,
    added: Sequence[MailFile] = (),
    removed: Sequence[str] = (),
    seen: str | None = None,
) -> None:
    """Change a draft; `removed` are names of its files, `seen` is the mark of what its author began with. Its
    topic may have been put away since.

    Raises SavedMeanwhile, NoTopic, TopicPutAway, NoSegment, NoBuyers, NameTooLong, StartOutOfReach,
    NoCampaign, AlreadyLaunched, TemplateFault for the files.
    """
    topic = topic_of(workspace_id, new.topic_id)
    _check_segments(workspace_id, new.conditions)
    _check_start(new.starts_at, now)
    with db.transaction(workspace_id):
        _locked_draft(campaign_id)
        before = campaign_of(workspace_id, campaign_id)
        if seen is not None and seen != before.mark:
            raise SavedMeanwhile
        if new.topic_id != before.topic_id:
            offered_topic(workspace_id, new.topic_id)
        again = any(isinstance(each, DidNotOpen) for each in before.conditions)
        if again or selectors.trial(workspace_id, campaign_id) is not None:  # a notice is neither
            new = replace(new, message_class=MessageClass.ADVERTISING)
        if before.asks:  # whom it asks is what makes it lawful, and nothing of it is measured
            new = replace(new, message_class=MessageClass.CONSENT_REQUEST, conditions=before.conditions)
            new = replace(new, click_links=False, open_pixel=False)
        if again:
            new = replace(new, conditions=before.conditions)  # to nobody who was not sent the first one
        if before.revision is not None:  # what it says is written in blocks or in code
            new = replace(new, text=before.text, html=before.html)
        _check_buyers(workspace_id, new)
        _sql.run("update_campaign", campaign_id=campaign_id, sender_id=topic.sender_id, **_columns(new))
        after = campaign_of(workspace_id, campaign_id)
        other_files = change_files(workspace_id, campaign_id, added, removed, now=now)
        if other_files or replace(before, name=after.name, tags=after.tags) != after:
            end_counts(workspace_id, campaign_id)
        _record_anyway(workspace_id, "admin.campaign.edited", campaign_id, staff_id, now)


def write_in_blocks(workspace_id: int, campaign_id: int, *, staff_id: int | None, now: datetime) -> int:
    """From now on a draft is written in blocks, the first of them its text; the number of its newest state.

    Raises NoCampaign, AlreadyLaunched.
    """
    with db.transaction(workspace_id):
        _locked_draft(campaign_id)
        campaign = campaign_of(workspace_id, campaign_id)
        if campaign.revision is not None:
            return campaign.revision
        begun = writing.begin(workspace_id, campaign, staff_id=staff_id, now=now)
        _record_anyway(workspace_id, "admin.campaign.edited", campaign_id, staff_id, now)
        return begun.revision


def write_as_code(
    workspace_id: int, campaign_id: int, *, starter: str, staff_id: int | None, now: datetime
) -> int:
    """From now on a draft is code, which begins with what was typed; the number of its newest state.

    Raises NoCampaign, AlreadyLaunched.
    """
    with db.transaction(workspace_id):
        _locked_draft(campaign_id)
        campaign = campaign_of(workspace_id, campaign_id)
        if campaign.revision is not None:
            return campaign.revision
        begun = writing.begin_code(workspace_id, campaign, starter=starter, staff_id=staff_id, now=now)
        _record_anyway(workspace_id, "admin.campaign.edited", campaign_id, staff_id, now)
        return begun.revision


def save_document(
    workspace_id: int,
    campaign_id: int,
    document: Written,
    *,
    base: int,
    staff_id: int | None,
    now: datetime,
) -> SaveAnswer:
    """`base`: the state that was written on. The ledger is told once a sitting, not every three seconds.

    Raises NoCampaign, AlreadyLaunched, TemplateFault.
    """
    with db.transaction(workspace_id):
        _locked_draft(campaign_id)
        campaign = campaign_of(workspace_id, campaign_id)
        answer = writing.save(workspace_id, campaign, document, base=base, staff_id=staff_id, now=now)
        if isinstance(answer, Saved) and answer.new_sitting:
            _record_anyway(workspace_id, "admin.campaign.edited", campaign_id, staff_id, now)
        return answer


def turn_into_code(
    workspace_id: int, campaign_id: int, *, base: int, staff_id: int | None, now: datetime
) -> SaveAnswer:
    """Blocks become MJML, and no way leads back but to the state that they were in, which is kept.

    `base`: the state that was looked at. Raises NoCampaign, AlreadyLaunched, NoRevision, TemplateFault.
    """
    with db.transaction(workspace_id):
        _locked_draft(campaign_id)
        revision = campaign_of(workspace_id, campaign_id).revision
        document = selectors.document(workspace_id, campaign_id, revision or 0)
        if revision is None or document is None:
            raise NoRevision
        if isinstance(document, Source):
            return Saved(revision)
        if base != revision:
            return SomebodyElseSaved(revision)
        code = turned_into_code(workspace_id, document)
        return save_document(workspace_id, campaign_id, code, base=base, staff_id=staff_id, now=now)


def restore_document(
    workspace_id: int, campaign_id: int, revision: int, *, staff_id: int | None, now: datetime
) -> SaveAnswer:
    """An older state once more, as the newest; what was written since is kept as a state too.

    Raises NoRevision, NoCampaign, AlreadyLaunched.
    """
    with db.transaction(workspace_id):
        _locked_draft(campaign_id)
        campaign = campaign_of(workspace_id, campaign_id)
        document = selectors.document(workspace_id, campaign_id, revision)
        if document is None:
            raise NoRevision
        return save_document(
            workspace_id, campaign_id, document, base=campaign.revision or 0, staff_id=staff_id, now=now
        )


def schedule(
    workspace_id: int,
    campaign_id: int,
    starts_at: datetime | None,
    *,
    staff_id: int | None,
    now: datetime,
) -> None:
    """When a draft is meant to start; None: as soon as somebody sends it.

    Raises StartOutOfReach, NoCampaign, AlreadyLaunched.
    """
    _check_start(starts_at, now)
    with db.transaction(workspace_id):
        _locked_draft(campaign_id)
        if campaign_of(workspace_id, campaign_id).starts_at == starts_at:
            return
        _sql.run("update_start", campaign_id=campaign_id, starts_at=starts_at)
        end_counts(workspace_id, campaign_id)
        _record_anyway(workspace_id, "admin.campaign.edited", campaign_id, staff_id, now)


def copy(workspace_id: int, campaign_id: int, *, staff_id: int | None, now: datetime) -> int:
    """A new draft with the same content and conditions. Raises NoCampaign, AlreadyAgain."""
    with db.transaction(workspace_id):
        if selectors.first_of(workspace_id, campaign_id) is not None:
            raise AlreadyAgain  # its copy would go to the same people a third time
        copied: int | None = _sql.scalar("copy_campaign", campaign_id=campaign_id, staff_id=staff_id, now=now)
        if copied is None:
            raise NoCampaign
        copy_files(campaign_id, copied)
        _sql.run("copy_revision", campaign_id=campaign_id, copied=copied, staff_id=staff_id, now=now)
        _record_anyway(workspace_id, "admin.campaign.created", copied, staff_id, now)
        return copied


def test_send(workspace_id: int, campaign_id: int, *, staff_id: int, now: datetime) -> int:
    """The message as it stands, to the one who asks for it (docs/adr/0007); its mailing.

    Raises NoCampaign, NoStaff, StaffErased, StaffRefused, TemplateFault, VaultAway.
    """
    address = _own_address(workspace_id, staff_id)
    campaign = campaign_of(workspace_id, campaign_id)
    ready = frozen(workspace_id, campaign)
    mailing = replace(
        mailing_of(workspace_id, campaign, ready),
        kind=MailingKind.TEST,
        message_class=MessageClass.REMINDER,
        ads=Ads.NONE,
        promotional=False,
        subject=f"{TEST_MARK}{ready.subject}",
        text=f"{TEST_NOTE}\n\n{ready.text}",
        html=None if ready.html is None else f"<p>{TEST_NOTE}</p>{ready.html}",
        frequency=None,
        starts_at=None,
    )
    contact_id = delivery.remember_staff(workspace_id, address, now=now)
    if contact_id is None:
        raise StaffErased
    refusals = suppression_known.refusals(workspace_id, contact_id)
    if any(in_force(refusal, campaign.topic_id, None, now) for refusal in refusals):
        raise StaffRefused
    _record(workspace_id, "admin.campaign.tested", campaign_id, staff_id, now)
    with db.transaction(workspace_id):
        return delivery.plan_one(mailing, contact_id, now=now)


def launch(
    workspace_id: int, campaign_id: int, preflight_id: int, *, staff_id: int | None, now: datetime
) -> LaunchAnswer:
    """Send what was counted, to no more people than were shown. Launching twice is one launch.

    Raises NoCampaign, TopicPutAway, TemplateFault, VaultAway.
    """
    campaign = campaign_of(workspace_id, campaign_id)
    if campaign.mailing_id is not None:
        return Launched(campaign.mailing_id, campaign.planned_count or 0)
    ready = frozen(workspace_id, campaign)
    counted = _counted_for(workspace_id, campaign, ready, preflight_id, now)
    if not isinstance(counted, Preflight):
        return counted
    ledger.ensure_keys(workspace_id, [ledger.INSTALLATION])
    with db.transaction(workspace_id):
        if _sql.scalar("lock_campaign", campaign_id=campaign_id) != "draft":
            return launched_already(workspace_id, campaign_id)
        consent.hold_topics([campaign.topic_id])
        topic = offered_topic(workspace_id, campaign.topic_id)
        # held from here on: what the content says of who sends, and what the mailing is frozen with, is one
        display = keep_display(topic.sender_id, now=now)
        if frozen(workspace_id, campaign_of(workspace_id, campaign_id)) != ready:
            return ContentChanged()  # edited between the count and the lock
        digest = ready.content_sha256
        if alone := approval_objection(workspace_id, campaign_id, digest, counted.sendable):
            return alone
        planned = plan_campaign(workspace_id, campaign, ready, now=now)
        _sql.run(
            "update_launched",
            campaign_id=campaign_id,
            conditions=Jsonb(dump(campaign.conditions)),
            mailing_id=planned.mailing_id,
            people=planned.people,
            digest=digest,
            staff_id=staff_id,
            now=now,
        )
        rests_on = {
            "content": digest,
            "display": display,
            **used_approval(workspace_id, campaign_id, digest),
        }
        end_counts(workspace_id, campaign_id)
        forget_members(workspace_id, campaign_id)
        _record(workspace_id, "admin.campaign.launched", campaign_id, staff_id, now, rests_on)
        for mailing_id in mailings_of(workspace_id, campaign_id):
            delivery.rest_while_failing(workspace_id, mailing_id, now=now)
        return Launched(planned.mailing_id, planned.people)


def launched_already(workspace_id: int, campaign_id: int) -> Launched:
    """What the first launch answered. Raises NoCampaign."""
    campaign = campaign_of(workspace_id, campaign_id)
    return Launched(campaign.mailing_id or 0, campaign.planned_count or 0)


def pause(workspace_id: int, campaign_id: int, *, now: datetime, staff_id: int | None = None) -> bool:
    """What has begun ends within two seconds. False: it does not run. Raises NoCampaign."""
    with db.transaction(workspace_id):
        done = [
            delivery.pause(workspace_id, each, now=now) for each in mailings_of(workspace_id, campaign_id)
        ]
        done.append(_waits(workspace_id, campaign_id, "running"))
        return _stopped(workspace_id, campaign_id, "paused", staff_id, now) if any(done) else False


def resume(workspace_id: int, campaign_id: int, *, now: datetime, staff_id: int | None = None) -> bool:
    """Go on, each person checked anew. False: it was not paused. Raises NoCampaign."""
    with db.transaction(workspace_id):
        found = selectors.trial(workspace_id, campaign_id)
        held_id = found.held_id if found is not None else None  # never runs by itself
        mailings = [each for each in mailings_of(workspace_id, campaign_id) if each != held_id]
        done = [delivery.resume(workspace_id, each, now=now) for each in mailings]
        if not any(done) and not _waits(workspace_id, campaign_id, "paused"):
            return False
        _sql.run("update_state", campaign_id=campaign_id, state="running", now=now)
        _record(workspace_id, "admin.campaign.running", campaign_id, staff_id, now)
        return True


def cancel(workspace_id: int, campaign_id: int, *, now: datetime, staff_id: int | None = None) -> bool:
    """Nobody who is left gets it. False: it had ended. Raises NoCampaign."""
    with db.transaction(workspace_id):
        done = [
            delivery.cancel(workspace_id, each, now=now) for each in mailings_of(workspace_id, campaign_id)
        ]
        return _stopped(workspace_id, campaign_id, "cancelled", staff_id, now) if any(done) else False


def start_now(workspace_id: int, campaign_id: int, *, now: datetime, staff_id: int | None = None) -> bool:
    """Not at its time but at once, each person checked anew. False: it has started. Raises NoCampaign."""
    with db.transaction(workspace_id):
        mailings = mailings_of(workspace_id, campaign_id)
        done = [delivery.start_now(workspace_id, each, now=now) for each in mailings]
        if not any(done):
            return False
        _sql.run("update_judge_at", campaign_id=campaign_id, now=now)
        _sql.run("update_start", campaign_id=campaign_id, starts_at=now)
        _record(workspace_id, "admin.campaign.started", campaign_id, staff_id, now)
        return True


def _counted_for(
    workspace_id: int, campaign: Campaign, ready: Frozen, preflight_id: int, now: datetime
) -> LaunchAnswer | Preflight:
    """The count that a launch rests on, or what keeps it back."""
    if missing := faults_of(workspace_id, campaign, ready):
        return DisplayMissing(missing)
    if campaign.starts_at is not None and campaign.starts_at <= now:
        return StartPassed(campaign.starts_at)
    if unmeasured := trial_objection(workspace_id, campaign):
        return unmeasured
    shown = selectors.preflight(workspace_id, campaign.campaign_id, preflight_id)
    if shown is None or not shown.done or shown.content_sha256 != ready.content_sha256:
        return ContentChanged()
    counted = _counted(workspace_id, campaign, ready, now)
    if isinstance(counted, CountTooOld):
        return counted
    if not counted.sendable:
        return NotSendable(counted.reasons)
    if counted.sendable > shown.sendable:
        return MorePeople(shown.sendable, counted.sendable)
    first = first_readers(workspace_id, campaign, ready, now=now)
    if missing := faults_of(workspace_id, campaign, ready, first):
        return DisplayMissing(missing)
    return counted


def _counted(workspace_id: int, campaign: Campaign, ready: Frozen, now: datetime) -> Preflight | CountTooOld:
    """A small audience anew; of a large one the newest count. The gate decides again about each person."""
    question = mailing_of(workspace_id, campaign, ready).question
    if at_once(workspace_id, campaign, question):
        return count(workspace_id, campaign.campaign_id, now=now)
    newest = selectors.latest_preflight(workspace_id, campaign.campaign_id)
    if newest is None or not newest.done:
        return CountTooOld(None)
    same = newest.content_sha256 == ready.content_sha256
    return newest if same and holds(workspace_id, newest, question, now) else CountTooOld(newest.at)


def _own_address(workspace_id: int, staff_id: int) -> EmailAddress:
    found = next((each for each in accounts.staff(workspace_id) if each.staff_id == staff_id), None)
    if found is None:
        raise NoStaff
    return parse_email(found.email)


def _columns(new: NewCampaign) -> dict[str, object]:
    if not 1 <= len(new.name.strip()) <= NAME_CHARACTERS_MAX:
        raise NameTooLong
    return {
        "name": new.name.strip(),
        "topic_id": new.topic_id,
        "channel": new.channel,
        "message_class": new.message_class,
        "subject": new.subject,
        "text": new.text,
        "html": new.html,
        "click_links": new.click_links,
        "open_pixel": new.open_pixel,
        "conditions": Jsonb(dump([_as_said(each) for each in new.conditions])),
        "starts_at": new.starts_at,
        "tags": list(new.tags),
    }


def _as_said(condition: Condition) -> Condition:
    """Until it is launched a draft means its segment as it is then, not as it was when it was chosen."""
    return InSegment(condition.segment_id) if isinstance(condition, InSegment) else condition


def _check_segments(workspace_id: int, conditions: Sequence[Condition]) -> None:
    """Raises NoSegment."""
    for each in conditions:
        if isinstance(each, InSegment) and segments.segment(workspace_id, each.segment_id) is None:
            raise NoSegment


def _check_buyers(workspace_id: int, new: NewCampaign) -> None:
    """Raises NoBuyers."""
    if new.message_class is not MessageClass.TRANSACTIONAL:
        return
    code = noticed_product(new.message_class, new.conditions)
    if code not in {each.code for each in contacts.products(workspace_id)}:
        raise NoBuyers


def _check_start(starts_at: datetime | None, now: datetime) -> None:
    if starts_at is not None and not may_start_at(starts_at, now):
        raise StartOutOfReach


def _waits(workspace_id: int, campaign_id: int, state: str) -> bool:
    """In this state, and nothing moves but the clock that decides between its variants?"""
    found = selectors.trial(workspace_id, campaign_id)
    return found is not None and found.undecided and campaign_of(workspace_id, campaign_id).state == state


def _locked_draft(campaign_id: int) -> None:
    state = _sql.scalar("lock_campaign", campaign_id=campaign_id)
    if state is None:
        raise NoCampaign
    if state != "draft":
        raise AlreadyLaunched


def _stopped(workspace_id: int, campaign_id: int, state: str, staff_id: int | None, now: datetime) -> bool:
    """Stopping fails open: while the vault is away, its entry waits."""
    _sql.run("update_state", campaign_id=campaign_id, state=state, now=now)
    _record_anyway(workspace_id, f"admin.campaign.{state}", campaign_id, staff_id, now)
    return True


def _record(
    workspace_id: int,
    kind: str,
    campaign_id: int,
    staff_id: int | None,
    now: datetime,
    more: Mapping[str, Value] | None = None,
) -> None:
    fields = {**_said(campaign_id, staff_id), **(more or {})}
    ledger.record_act(workspace_id, kind, fields, event_id=uuid7(now, os.urandom(10)), now=now)


def _record_anyway(
    workspace_id: int, kind: str, campaign_id: int, staff_id: int | None, now: datetime
) -> None:
    fields = _said(campaign_id, staff_id)
    ledger.record_act_even_without_vault(
        workspace_id, kind, fields, event_id=uuid7(now, os.urandom(10)), now=now
    )


def _said(campaign_id: int, staff_id: int | None) -> dict[str, Value]:
    return {"campaign": campaign_id, "by": "command line" if staff_id is None else f"staff:{staff_id}"}
