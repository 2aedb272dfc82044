"""When something is due in the life of a consent, and what a clock found (PP-01, PP-02). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from shodaku.consent.domain import add_months

ANSWER_DAYS: Final = 30  # how long the question whether to go on can be answered
ENDS_SOON_DAYS: Final = 30  # so long before its end a consent may be asked about
WELCOME_LOOKED_BACK: Final = timedelta(days=31)  # a welcome that did not leave in a month is nobody's news


class Late(StrEnum):
    """What a clock may find; codes of law/reasons.yaml where it has one."""

    WELCOME_LATE = "WELCOME_LATE"  # no welcome within 24 hours of the yes (PP-01)
    FIRST_MAIL_LATE = "FIRST_MAIL_LATE"  # no first issue within 7 days (PP-01)
    SILENT = "SILENT"  # nothing heard or sent for 12 months: only the question whether to go on (PP-02)
    PURPOSE_MET = "PURPOSE_MET"  # needed for nothing any more (個人情報保護法22条)


class NotAsked(StrEnum):
    """Why somebody whom the gate would let be asked is not asked again."""

    NOT_DUE = "NOT_DUE"  # no consent ends soon, and something was heard or sent not long ago
    ASKED = "ASKED"  # one question was sent since the last yes, and no second one follows it


class State(StrEnum):
    """Of the question whether to go on."""

    ASKED = "asked"
    ANSWERED = "answered"
    ENDED = "ended"  # nobody answered in time, and the consent ended
    UNSENT = "unsent"  # the mail never left, so nobody was asked


@dataclass(frozen=True, slots=True)
class Counted:
    """How many people are late on one topic, and since when the first of them is. Topic 0: of no topic."""

    topic_id: int
    people: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a browser shows of the press of a button."""

    url: str
    ip: str = ""
    browser: str = ""


@dataclass(frozen=True, slots=True)
class CarriedOn:
    """The consents go on; proved by this entry."""

    entry_id: int
    at: datetime
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Over:
    """There is nothing to carry on: answered before, ended, or taken back since."""

    answered: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """The link is forged, cut off, or of somebody who is gone."""


Answer: TypeAlias = "CarriedOn | Over | Unknown"


def welcome_due_before(now: datetime, hours: int) -> datetime:
    """A yes at this moment or before it should have been welcomed by now."""
    return now - timedelta(hours=hours)


def first_issue_due_before(now: datetime, days: int) -> datetime:
    """A yes at this moment or before it should have brought its first issue by now."""
    return now - timedelta(days=days)


def silent_before(now: datetime, months: int) -> datetime:
    """Whoever was last heard of, and last written to, before this moment is stale for the gate.

    Calendar months. At the end of a month the gate may begin a day or two earlier, never later.
    """
    return add_months(now, -months)


def answer_until(asked_at: datetime) -> datetime:
    """The day that the mail names; 30 days, as a mail that is read late is read within a month."""
    return asked_at + timedelta(days=ANSWER_DAYS)


def ends_soon_before(now: datetime) -> datetime:
    """Consents that end until then are asked about, if somebody presses for it."""
    return now + timedelta(days=ENDS_SOON_DAYS)


def ends_unanswered(until: datetime, left_at: datetime, now: datetime) -> bool:
    """A mail that waited before it left gives its reader the whole term all the same."""
    return now >= max(until, answer_until(left_at))
