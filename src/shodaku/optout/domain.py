"""A no as it arrives: what should stop, for how long, by which way. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never
from uuid import UUID, uuid5

from shodaku.accounts.domain import OptOutRule
from shodaku.consent.domain import AppScreen, Frequency, Limit, Method, Period, parse_frequency
from shodaku.contacts.domain import Channel
from shodaku.optout.inbound import (
    Automatic,
    Bounce,
    Complaint,
    Envelope,
    Failure,
    Head,
    Letter,
    Mail,
    Received,
    Traces,
    hosts_of,
    own_words,
    read_head,
    read_mail,
)
from shodaku.optout.keywords import Wish, Words, read_letter, read_wish, words_of
from shodaku.suppression.domain import Refusal, Scope

__all__ = [
    "EVERYTHING",
    "HOLD_DAYS",
    "ONE_CLICK",
    "PAUSE_DAYS",
    "PAUSE_DAYS_MAX",
    "Automatic",
    "Bounce",
    "Choice",
    "Complaint",
    "Envelope",
    "Failure",
    "Head",
    "Heard",
    "Letter",
    "Mail",
    "OptOut",
    "OptOutScope",
    "Receipt",
    "Received",
    "Traces",
    "Wish",
    "Words",
    "as_meant",
    "as_refusal",
    "change_id_of",
    "chosen_frequency",
    "event_id_of",
    "hosts_of",
    "is_one_click",
    "narrower",
    "offered",
    "on_hold",
    "own_words",
    "parse_choice",
    "read_head",
    "read_letter",
    "read_mail",
    "read_wish",
    "receipt_number",
    "standing",
    "under",
    "words_of",
]

PAUSE_DAYS: Final = (30, 90)
PAUSE_DAYS_MAX: Final = 366
HOLD_DAYS: Final = 30  # of silence after words that a human has to understand
_DIGITS_MAX: Final = 3  # int() refuses very long texts, and a no has no bad form
ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")  # RFC 8058 section 3.1, the whole body
_ACTS: Final = UUID("0f3b3c0e-6b55-5d7f-9a55-1f6f0b6f4a11")  # name space of opt-outs


class OptOutScope(StrEnum):
    ALL = "all"
    TOPIC = "topic"
    UNTIL = "until"  # a pause
    CHANNEL = "channel"  # the consents on one channel are taken back, or of these one topic's
    LESS_OFTEN = "less_often"  # the consents to one topic go on, for fewer messages
    ERASE = "erase"  # all, and everything known is forgotten


_ABOUT_A_TOPIC: Final = (OptOutScope.TOPIC, OptOutScope.LESS_OFTEN)


@dataclass(frozen=True, slots=True)
class Choice:
    scope: OptOutScope
    topic_id: int | None = None
    until: datetime | None = None
    channel: Channel | None = None
    most: Frequency | None = None  # how often at most, from now on

    def __post_init__(self) -> None:
        if self.scope is not OptOutScope.CHANNEL and (self.topic_id is not None) != (
            self.scope in _ABOUT_A_TOPIC
        ):
            raise ValueError("a topic belongs to scopes 'topic' and 'less_often', and may to 'channel'")
        if (self.until is not None) != (self.scope is OptOutScope.UNTIL):
            raise ValueError("an end belongs to scope 'until', and only there")
        if (self.channel is not None) != (self.scope is OptOutScope.CHANNEL):
            raise ValueError("a channel belongs to scope 'channel', and only there")
        if (self.most is not None) != (self.scope is OptOutScope.LESS_OFTEN):
            raise ValueError("a frequency belongs to scope 'less_often', and only there")


EVERYTHING: Final = Choice(OptOutScope.ALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """One person's no. The evidence is what is known of how it came; nothing of it is needed to obey."""

    workspace_id: int
    contact_id: int
    scope: OptOutScope
    via: Method
    topic_id: int | None = None
    until: datetime | None = None
    channel: Channel | None = None
    most: Frequency | None = None
    url: str = ""
    ip: str = ""
    browser: str = ""
    by: str = ""  # who wrote it down, if not the person
    # a link, a token, or words typed for it: what is only believed can make us silent, and erases nobody
    proved: bool = True
    said: str = ""  # the person's words, where they wrote some
    received_by: str = (
        ""  # the business that entrusted the sending, where it came there (特定電子メール法3条3項)
    )
    received_at: datetime | None = None  # there
    screen: AppScreen | None = None  # of an app of the sender, where a switch was moved to off
    wording_version: int | None = None  # of what stood there
    mailing_id: int | None = None  # the mail that was answered so; its report counts it

    @property
    def choice(self) -> Choice:
        return Choice(self.scope, self.topic_id, self.until, self.channel, self.most)


class Heard(StrEnum):
    """What became of a message that came in."""

    STOPPED = "stopped"
    ON_HOLD = "on_hold"  # paused, and shown to a human
    DESK = "desk"  # shown to a human, and nothing changed
    HELPED = "helped"
    ASKED = "asked"  # wants to begin again, and was shown the way: a question, no consent
    AUTOMATIC = "automatic"
    COUNTED = "counted"  # a bounce of an address that lives
    DISABLED = "disabled"  # the address does not exist
    EARLY = "early"  # a bounce of a message whose result is not here yet: it waits for it
    UNPROVED = "unproved"  # an empty mail that nobody vouches for: an answer could hit a stranger
    NOTED = "noted"  # a report that changes nothing
    NOBODY = "nobody"  # names nobody that it proves
    QUARANTINED = "quarantined"  # a dead address, says a source that is not believed


@dataclass(frozen=True, slots=True)
class Receipt:
    number: str  # S-2026-11-25-000123
    at: datetime
    entry_id: int | None  # None while the entry waits for the key store
    scope: OptOutScope


def is_one_click(form: Mapping[str, str]) -> bool:
    """A mailbox provider acts for the person: no page, no question (RFC 8058)."""
    name, value = ONE_CLICK
    return form.get(name) == value


def parse_choice(form: Mapping[str, str], topic_id: int | None, now: datetime) -> Choice:
    """What was pressed. A press without a choice that can be read stops everything (LAW.md section 4).

    `topic_id` is the topic of the page; its choice of a frequency is about that one.
    """
    scope, _, channel_named = form.get("scope", "").partition(":")  # a radio button has one value
    match scope:
        case OptOutScope.TOPIC if topic_id is not None:
            return Choice(OptOutScope.TOPIC, topic_id=topic_id)
        case OptOutScope.UNTIL:
            until = _until(form, now)
            return Choice(OptOutScope.UNTIL, until=until) if until else EVERYTHING
        case OptOutScope.CHANNEL:
            channel = _channel(channel_named)
            return Choice(OptOutScope.CHANNEL, channel=channel) if channel else EVERYTHING
        case OptOutScope.LESS_OFTEN if topic_id is not None:
            most = parse_frequency(form.get("most", ""))
            return Choice(OptOutScope.LESS_OFTEN, topic_id=topic_id, most=most) if most else EVERYTHING
        case OptOutScope.ERASE:
            return Choice(OptOutScope.ERASE)
        case _:
            return EVERYTHING


def _until(form: Mapping[str, str], now: datetime) -> datetime | None:
    """The first moment of the day named, or the midnight so many days away; None for no pause that may be."""
    days = _days(form.get("days", ""))
    if 1 <= days <= PAUSE_DAYS_MAX:
        return _pause_end(now, days)
    try:
        day = date.fromisoformat(form.get("until", ""))
    except ValueError:
        return None
    if not 1 <= (day - now.date()).days <= PAUSE_DAYS_MAX:
        return None
    return now.replace(year=day.year, month=day.month, day=day.day, hour=0, minute=0, second=0, microsecond=0)


def _channel(text: str) -> Channel | None:
    return Channel(text) if text in set(Channel) else None


def on_hold(now: datetime) -> Choice:
    """Nothing is sent until somebody has read what was meant."""
    return Choice(OptOutScope.UNTIL, until=_pause_end(now, HOLD_DAYS))


def _days(text: str) -> int:
    """0 for what is no number of days."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX else 0


def _pause_end(now: datetime, days: int) -> datetime:
    """Midnight on the clock of `now`: pressing twice is the same pause."""
    return (now + timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)


def under(rule: OptOutRule, choice: Choice) -> Choice:
    """What a choice means in a workspace: its rule may make an ending wider, never narrower."""
    match rule:
        case OptOutRule.STOP:
            return choice
        case OptOutRule.STOP_ALL:
            return EVERYTHING if choice.scope in (OptOutScope.TOPIC, OptOutScope.CHANNEL) else choice
        case OptOutRule.ERASE:
            return Choice(OptOutScope.ERASE) if choice.scope is OptOutScope.ALL else choice
        case unreachable:
            assert_never(unreachable)


def as_meant(choice: Choice, held: Collection[tuple[int, Channel]]) -> Choice:
    """Of one who has these consents, or open questions, by topic and channel: to leave the last is to leave.

    Asked after `under`: a workspace that erases says so before the press, and here it could not.
    """
    if choice.scope is not OptOutScope.CHANNEL:
        return choice
    left = {(topic_id, channel) for topic_id, channel in held if channel is not choice.channel}
    if choice.topic_id is None:
        return choice if left else EVERYTHING
    if any(topic_id == choice.topic_id for topic_id, _ in left):
        return choice
    return Choice(OptOutScope.TOPIC, topic_id=choice.topic_id)


def offered(rule: OptOutRule, *, topic: bool, channels: Collection[Channel] = ()) -> tuple[OptOutScope, ...]:
    """The endings of the page, the first one preselected; `channels`: those with a live consent.

    A pause, and fewer messages, end nothing: the page has them in places of their own.
    """
    one = (OptOutScope.CHANNEL,) if len(set(channels)) > 1 else ()
    match rule:
        case OptOutRule.STOP:
            wide: tuple[OptOutScope, ...] = (*one, OptOutScope.ALL, OptOutScope.ERASE)
        case OptOutRule.STOP_ALL:
            return (OptOutScope.ALL, OptOutScope.ERASE)
        case OptOutRule.ERASE:
            wide = (*one, OptOutScope.ERASE)  # there is no total ending that keeps anything
        case unreachable:
            assert_never(unreachable)
    return (OptOutScope.TOPIC, *wide) if topic else wide


_FEWER: Final = (
    Frequency(1, Period.DAY),
    Frequency(1, Period.WEEK),
    Frequency(2, Period.MONTH),
    Frequency(1, Period.MONTH),
    Frequency(4, Period.YEAR),
    Frequency(1, Period.YEAR),
)


def narrower(promised: Frequency, chosen: Limit | None = None) -> tuple[Frequency, ...]:
    """What "less often" may mean, most first: less than the topic promises, and than was chosen before."""
    most = promised.limit.a_year if chosen is None else min(promised.limit.a_year, chosen.a_year)
    return tuple(each for each in _FEWER if each.limit.a_year < most)


def chosen_frequency(limit: Limit) -> Frequency | None:
    """The choice behind a limit, to say it in words."""
    return next((each for each in _FEWER if each.limit == limit), None)


def as_refusal(choice: Choice, at: datetime) -> Refusal | None:
    """None: it changes the consent instead, and refuses nothing that stays agreed to (LAW.md section 4)."""
    match choice.scope:
        case OptOutScope.ALL | OptOutScope.ERASE:
            return Refusal(Scope.ALL, at)
        case OptOutScope.TOPIC:
            return Refusal(Scope.TOPIC, at, topic_id=choice.topic_id)
        case OptOutScope.UNTIL:
            return Refusal(Scope.UNTIL, at, until=choice.until)
        case OptOutScope.CHANNEL | OptOutScope.LESS_OFTEN:
            return None
        case unreachable:
            assert_never(unreachable)


def standing(refusals: tuple[Refusal, ...], wanted: Refusal, consented_at: datetime | None) -> Refusal | None:
    """The refusal in force that says the same already; a consent given after it ended it."""
    same = [
        each
        for each in refusals
        if (each.scope, each.topic_id, each.until) == (wanted.scope, wanted.topic_id, wanted.until)
        if consented_at is None or consented_at <= each.at
    ]
    return max(same, key=lambda refusal: refusal.at, default=None)


def event_id_of(workspace_id: int, contact_id: int, refusal: Refusal) -> UUID:
    """The same act has the same id, however often it is sent: its entry is written once."""
    times = [None if at is None else at.astimezone(UTC) for at in (refusal.until, refusal.at)]
    facts = (workspace_id, contact_id, refusal.scope.value, refusal.topic_id, *times)
    return uuid5(_ACTS, "\0".join(map(str, facts)))


def change_id_of(workspace_id: int, contact_id: int, choice: Choice, at: datetime) -> UUID:
    """The same of an act that changes the consent and is no refusal."""
    wanted = (choice.scope.value, choice.topic_id, choice.channel, choice.most)
    return uuid5(_ACTS, "\0".join(map(str, (workspace_id, contact_id, *wanted, at.astimezone(UTC)))))


def receipt_number(on: date, entry_id: int | None, event_id: UUID) -> str:
    """By the ledger entry; while that waits for the key store, by the act itself."""
    tail = f"{entry_id:06}" if entry_id is not None else f"W{event_id.hex[-6:].upper()}"
    return f"S-{on.isoformat()}-{tail}"
