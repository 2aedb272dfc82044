"""A campaign from draft to launch: limits, what was counted, and what a launch answers."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeAlias

from shodaku.contacts.domain import Channel
from shodaku.content.domain import CLIPPED_BYTES, Frozen, KeptFile
from shodaku.policy.domain import MessageClass, Reason
from shodaku.segments.domain import BoughtProduct, Condition, dump

NAME_CHARACTERS_MAX: Final = 100
APPROVAL_WORDS_MAX: Final = 500  # of who asks for a second person's yes, and of who sends it back
AT_ONCE_PEOPLE_MAX: Final = 5_000  # so many are counted while somebody waits, more in the background
SCHEDULE_DAYS_MAX: Final = 90  # who agreed to be written to remembers it; later, look again who is left
COUNT_HOLDS: Final = timedelta(minutes=10)  # after it a large audience is counted again before a launch
MEMBERS_A_PART_MAX: Final = 5_000
# allowed, but only in another form than it was written
CHANGED: Final = frozenset(
    (Reason.TRACKING_REMOVED, Reason.AD_STRIPPED_FROM_TRANSACTIONAL, Reason.OUTSIDE_SE_TREAT_AS_NEWS)
)
TAGS_MAX: Final = 10  # of one campaign
TAG_CHARACTERS_MAX: Final = 30
TEST_MARK: Final = "[TEST] "
TEST_NOTE: Final = (
    "テスト配信です。本番と同じ内容を、送信者の担当者だけに送っています。 / A test, to staff alone."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCampaign:
    """A draft as somebody writes it; the topic names the sender."""

    name: str
    topic_id: int
    subject: str = ""
    text: str = ""
    html: str = ""
    conditions: tuple[Condition, ...] = ()
    channel: Channel = Channel.EMAIL
    # TRANSACTIONAL: a notice to the buyers of a product, which a BoughtProduct among the conditions names;
    # CONSENT_REQUEST: the one mail that asks for permission
    message_class: MessageClass = MessageClass.ADVERTISING
    click_links: bool = False  # of who allowed measuring it is noted which links they follow
    open_pixel: bool = False  # and whether they open it
    files: tuple[KeptFile, ...] = ()  # of an examination alone: those that the draft has already
    starts_at: datetime | None = None  # None: as soon as somebody sends it
    tags: tuple[str, ...] = ()  # as `parse_tags` gives them

    @property
    def asks(self) -> bool:
        """Is it the one mail that asks for permission, and no advertising?"""
        return self.message_class is MessageClass.CONSENT_REQUEST


class CountState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    ENDED = "ended"  # by a newer count, an edit or a launch; it answers nothing any more


@dataclass(frozen=True, slots=True)
class OtherRules:
    """A rule pack that is not in force here, with the stricter values one would keep."""

    version: str
    tightened: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same people, asked by the rules in force and by others; reason -> people."""

    pack: str  # name of the others
    before: Counter[str]
    after: Counter[str]
    moved: Counter[tuple[str, str]]  # (reason, reason under the others), where they differ


@dataclass(frozen=True, slots=True)
class Preflight:
    """Who gets it and why not the others, at one moment: sendable and all held make the people seen."""

    preflight_id: int
    campaign_id: int
    state: str  # a CountState
    chosen: int  # while it runs, about how many it will be; 0: not known yet
    seen: int
    sendable: int
    allowed: Mapping[str, int]  # reason -> people, of those who may receive it
    reasons: Mapping[str, int]  # of those who are held
    content_sha256: str
    pack: str | None  # name of the rules in force; None: counted before there were versions
    rules_sha256: str | None
    other_pack: str | None
    other_tightened: Mapping[str, Any] | None  # Any: JSON, as below
    other_reasons: Mapping[str, int] | None
    moved: Mapping[str, Mapping[str, int]] | None
    at: datetime  # when it was asked for; once it runs, when it began
    groups: Mapping[str, int] | None  # of who may receive it, by group of receivers; None: counted before

    @property
    def done(self) -> bool:
        return self.state == CountState.DONE

    @property
    def comparison(self) -> Comparison | None:
        """None: no other rules were asked about."""
        if self.other_pack is None or self.other_reasons is None:
            return None
        return Comparison(
            f"{self.other_pack}+" if self.other_tightened else self.other_pack,
            Counter(self.allowed) + Counter(self.reasons),
            Counter(self.other_reasons),
            Counter(
                {
                    (before, after): people
                    for before, others in (self.moved or {}).items()
                    for after, people in others.items()
                }
            ),
        )


class Remark(StrEnum):
    """What keeps nothing from leaving, and may keep it from being read."""

    ATTACHMENT_BLOCKED = "attachment_blocked"  # of a mail to many, it makes filters wary
    CLIPPED = "clipped"  # Gmail shows the first 102 kB of the HTML, and the display stands at its end


@dataclass(frozen=True, slots=True)
class Examined:
    """What exactly would leave, and what keeps it from starting: the first to be told first."""

    frozen: Frozen
    faults: tuple[Reason, ...]
    octets: int  # of the mail to the sample person
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Launched:
    mailing_id: int
    people: int


@dataclass(frozen=True, slots=True)
class DisplayMissing:
    """What the law wants shown does not stand in the message, or its head pretends."""

    missing: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ContentChanged:
    """Somebody edited it, or whom it is for, after it was counted."""


@dataclass(frozen=True, slots=True)
class MorePeople:
    """More would get it than the button said."""

    shown: int
    now: int


@dataclass(frozen=True, slots=True)
class CountTooOld:
    """So many people are not counted while somebody waits: count again, then launch."""

    at: datetime | None  # of the newest count that is whole; None: there is none, or one is under way


@dataclass(frozen=True, slots=True)
class StartPassed:
    """It should have started before now."""

    starts_at: datetime


@dataclass(frozen=True, slots=True)
class NothingMeasured:
    """Its variants are to be judged by what the campaign does not measure."""

    judged_by: str  # a Judged


@dataclass(frozen=True, slots=True)
class ApprovalNeeded:
    """So many people are sent to only when a second person has said yes, and nobody has."""

    people: int
    above: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A second person's yes was asked for."""

    approval_id: int
    people: int


@dataclass(frozen=True, slots=True)
class Approved:
    """Whoever may launch it may do so now, with this content and to at most so many people."""

    approval_id: int
    people: int


class ApprovalState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    RETURNED = "returned"  # with words on what to change
    TAKEN_BACK = "taken_back"  # by the one who asked
    VOID = "void"  # the content, the people meant or the time are others since
    USED = "used"  # it was launched by it


@dataclass(frozen=True, slots=True)
class Approval:
    """What somebody asked for, and what a second person said to it."""

    approval_id: int
    campaign_id: int
    preflight_id: int
    content_sha256: str
    people: int
    state: str  # an ApprovalState
    note: str
    asked_by: int
    asked_at: datetime
    words: str
    decided_by: int | None
    decided_at: datetime | None
    claimed: bool  # asked for at a command line, where anybody can be named

    def covers(self, content_sha256: str) -> bool:
        return self.content_sha256 == content_sha256


@dataclass(frozen=True, slots=True)
class OpenApproval(Approval):
    """With the name of its campaign, for a list."""

    name: str


@dataclass(frozen=True, slots=True)
class NotSendable:
    """Nobody would get it."""

    reasons: Mapping[str, int] = field(default_factory=dict)


def remarks_on(ready: Frozen) -> tuple[Remark, ...]:
    found = []
    if ready.attachments:
        found.append(Remark.ATTACHMENT_BLOCKED)
    if len((ready.html or "").encode()) > CLIPPED_BYTES:
        found.append(Remark.CLIPPED)
    return tuple(found)


def noticed_product(message_class: str, conditions: Sequence[Condition]) -> str | None:
    """The code of the product whose buyers a notice goes to; None for what is no notice, or names none."""
    if message_class != MessageClass.TRANSACTIONAL:
        return None
    return next((each.code for each in conditions if isinstance(each, BoughtProduct)), None)


def fingerprint(
    content_sha256: str,
    topic_id: int,
    conditions: Sequence[Condition],
    starts_at: datetime | None = None,
    tried: Sequence[object] = (),
) -> str:
    """What a button was pressed for: this content, on this topic, to these people and no others, then.

    `tried`: the other variants, and how they are tried.
    """
    meant: list[object] = [content_sha256, topic_id, dump(conditions)]
    if starts_at is not None:
        meant.append(starts_at.astimezone(UTC).isoformat())
    if tried:
        meant.append(list(tried))
    return hashlib.sha256(json.dumps(meant, sort_keys=True).encode()).hexdigest()


def may_start_at(starts_at: datetime, now: datetime) -> bool:
    """In the future, and not so far that nobody remembers who it was meant for."""
    return now < starts_at <= now + timedelta(days=SCHEDULE_DAYS_MAX)


class Judged(StrEnum):
    """What decides between variants."""

    CLICKS = "clicks"  # by the share of those who followed a link
    OPENS = "opens"  # by the share of those who opened it, as far as mail programs tell
    HAND = "hand"  # somebody chooses


@dataclass(frozen=True, slots=True)
class Variant:
    """What is empty is as in the campaign itself; the first variant is the campaign itself."""

    subject: str
    text: str = ""
    html: str = ""
    no: int = 0
    mailing_id: int | None = None  # None: not launched
    people: int | None = None


@dataclass(frozen=True, slots=True)
class NewTrial:
    """The variants besides the campaign itself, and how they are tried."""

    variants: tuple[Variant, ...]
    share_percent: int
    judged_by: Judged
    hours: int


@dataclass(frozen=True, slots=True)
class Trial:
    campaign_id: int
    share_percent: int
    judged_by: str  # a Judged
    hours: int
    judge_at: datetime | None  # None: not launched
    held_id: int | None
    winner: int | None
    decided_at: datetime | None
    decided_by: int | None  # staff; None: its own rule, or the command line
    by_command: bool  # decided at a command line
    variants: tuple[Variant, ...] = ()  # the campaign itself first

    @property
    def by_rule(self) -> bool:
        """Was it decided by itself?"""
        return self.winner is not None and self.decided_by is None and not self.by_command

    @property
    def undecided(self) -> bool:
        """Was it launched, and do the others wait?"""
        return self.held_id is not None and self.winner is None


class UnfitTags(ValueError):
    """At most 10 tags of 30 characters each, without control characters."""


def parse_tags(text: str) -> tuple[str, ...]:
    """Words between commas, each once, in their order; full and half width are the same. Raises UnfitTags."""
    words = (word.strip() for word in re.split(r"[,、\n]", unicodedata.normalize("NFKC", text)))
    tags = tuple(dict.fromkeys(word for word in words if word))
    odd = any(unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") for each in "".join(tags))
    if odd or len(tags) > TAGS_MAX or any(len(tag) > TAG_CHARACTERS_MAX for tag in tags):
        raise UnfitTags
    return tags


def needs_second_person(people: int, above: int | None) -> bool:
    """`above` is what the workspace chose; None: one person is enough for any number."""
    return above is not None and people > above


LaunchAnswer: TypeAlias = (
    Launched
    | DisplayMissing
    | ContentChanged
    | MorePeople
    | CountTooOld
    | NotSendable
    | StartPassed
    | ApprovalNeeded
    | NothingMeasured
)
AskAnswer: TypeAlias = Asked | DisplayMissing | ContentChanged | StartPassed | NotSendable | NothingMeasured
ApproveAnswer: TypeAlias = Approved | ContentChanged | MorePeople | StartPassed
