"""What a person has agreed to: one fold over append-only events, and the evidence that proves each of them.

The table of consents is only a cache of `replay`. Silence is no event, so it can never become consent.
"""

from __future__ import annotations

import calendar
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeAlias, assert_never

from shodaku.contacts.domain import Channel


class ConsentState(StrEnum):
    NEVER = "never"
    PENDING = "pending"
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Flaw(StrEnum):
    """Why a recorded yes is worth nothing as it stands; only imports of older records bring one."""

    PRECHECKED = "prechecked"  # the box was ticked by default
    DEEMED = "deemed"  # inferred from not refusing
    INCOMPLETE = "incomplete"  # the evidence set has holes
    TAMPERED = "tampered"  # an audit of the ledger found its entry altered


FIRST_DAY: Final = date(2000, 1, 1)  # a consent dated before is a slip of the pen: 0026 for 2026
APP_CHARACTERS_MAX: Final = 100
TOPICS_MAX: Final = 100  # of a workspace: a person chooses among all of them on one page (ADR 0068)
LIMIT_MAX: Final = 1_000  # as many sendings as the gate reads of one person
LIMIT_WINDOW_DAYS: Final = 1_100  # and as far back
_DAYS_OF_YEAR: Final = 365.25


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `max` messages in a window of calendar months and exact days (LAW.md section 6)."""

    max: int
    months: int = 0
    days: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        if not 0 <= self.max <= LIMIT_MAX or self.months * 31 + self.days.days > LIMIT_WINDOW_DAYS:
            raise ValueError(f"a limit is at most {LIMIT_MAX} messages in {LIMIT_WINDOW_DAYS} days")

    def counted_after(self, now: datetime) -> datetime:
        """Messages sent later than this count; one exactly a window old is free again."""
        return add_months(now, -self.months) - self.days

    @property
    def a_year(self) -> float:
        """About so many messages, to tell which of two limits is narrower."""
        window_days = self.months * _DAYS_OF_YEAR / 12 + self.days / timedelta(days=1)
        return self.max * _DAYS_OF_YEAR / window_days if window_days else float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What one yes says beyond what its topic promises to everybody; most say nothing more."""

    purposes: frozenset[str] | None = None  # None: the purpose of the topic
    limit: Limit | None = None  # None: the promise of the topic
    written: bool = False  # prior express written consent of 47 CFR 64.1200(f)(9)
    night: bool = False  # advertising at night too (정보통신망법 50조 3항)
    guardian: bool = False  # a guardian agreed for the child
    fewer: Limit | None = None  # the person asked for it later: never more than this, whatever is promised


def terms_json(terms: Terms) -> dict[str, Any]:  # Any: JSON
    """As the tables keep it; what says nothing is left out."""
    stored = {
        "purposes": None if terms.purposes is None else sorted(terms.purposes),
        "limit": _limit_json(terms.limit),
        "written": terms.written or None,
        "night": terms.night or None,
        "guardian": terms.guardian or None,
        "fewer": _limit_json(terms.fewer),
    }
    return {name: value for name, value in stored.items() if value is not None}


def _limit_json(limit: Limit | None) -> list[float] | None:
    return None if limit is None else [limit.max, limit.months, limit.days.total_seconds()]


def terms_of(stored: Mapping[str, Any] | None) -> Terms | None:  # Any: JSON that `terms_json` wrote
    if stored is None:
        return None
    purposes = stored.get("purposes")
    return Terms(
        purposes=None if purposes is None else frozenset(purposes),
        limit=_limit_of(stored.get("limit")),
        written=stored.get("written", False),
        night=stored.get("night", False),
        guardian=stored.get("guardian", False),
        fewer=_limit_of(stored.get("fewer")),
    )


def _limit_of(stored: list[Any] | None) -> Limit | None:  # Any: JSON
    return None if stored is None else Limit(stored[0], stored[1], timedelta(seconds=stored[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """The person filled in a form, or was asked: a question, not yet an answer."""

    at: datetime
    topic_id: int
    channel: Channel
    entry_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Single opt-in: the person said yes once, and nobody proved that it was the owner of the address."""

    at: datetime
    topic_id: int
    channel: Channel
    entry_id: int | None  # of the ledger; without one the consent cannot be proved
    expires_at: datetime | None = None
    terms: Terms | None = None
    flaw: Flaw | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """Double opt-in: the owner of the address pressed the button behind the link."""

    at: datetime
    topic_id: int
    channel: Channel
    entry_id: int | None
    expires_at: datetime | None = None
    terms: Terms | None = None
    flaw: Flaw | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconfirmed:
    """The person answered "yes, go on". It prolongs a consent and never revives one."""

    at: datetime
    topic_id: int
    channel: Channel
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """Go on, and less often. Only a yes that the person confirms afresh makes it more again."""

    at: datetime
    topic_id: int
    channel: Channel
    fewer: Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    at: datetime
    topic_id: int | None = None  # None: every topic
    channel: Channel | None = None  # None: every channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """The promised end came, or a re-confirmation stayed without answer."""

    at: datetime
    topic_id: int | None = None
    channel: Channel | None = None


ConsentEvent: TypeAlias = Requested | Given | Confirmed | Reconfirmed | Narrowed | Withdrawn | Expired


@dataclass(frozen=True, slots=True)
class Consent:
    """The state for one contact, topic and channel."""

    state: ConsentState = ConsentState.NEVER
    since: datetime | None = None  # of this state; an active one dates from the act that gave it
    confirmed: bool = False
    expires_at: datetime | None = None  # first moment at which it no longer holds
    last_contact_at: datetime | None = None  # the person's latest yes, given or renewed
    entry_id: int | None = None  # of the ledger: the yes, or the request while it is pending
    terms: Terms | None = None
    flaw: Flaw | None = None
    earlier: tuple[Consent, ...] = ()  # what was agreed to before and never taken back, newest first

    @property
    def express(self) -> bool:
        """A yes that the person said, not one read into silence: only such a yes lifts a refusal."""
        return self.state is ConsentState.ACTIVE and self.flaw not in (Flaw.PRECHECKED, Flaw.DEEMED)

    @property
    def agreements(self) -> tuple[Consent, ...]:
        """It and the earlier ones: a worse yes that came later takes nothing away."""
        return (replace(self, earlier=()), *self.earlier) if self.earlier else (self,)


class BasisKind(StrEnum):
    """What is known of a person besides consents (LAW.md section 3); none of it is one."""

    MEMBER = "member"
    CARD = "business_card"
    ORAL_NOTICE = "oral_notice"
    THIRD_PARTY = "import"  # a consent that somebody else collected; the detail says how well it is proved
    PUBLISHED = "published"
    RELATIONSHIP = "relationship"  # detail: active or ended; none: a dealing at that time
    FREE_SIGNUP = "free_signup"
    PURCHASE = "purchase"  # detail: refusal_offered, when the address was taken
    ENQUIRY = "enquiry"
    CONTRACT = "contract"  # detail: its stage


ACTIVE: Final = "active"
ENDED: Final = "ended"
REFUSAL_OFFERED: Final = "refusal_offered"
OPEN_STAGES: Final = frozenset({"accepted", "paid", "shipped"})  # a notice on it is important (施行規則28条)


def replay(events: Iterable[ConsentEvent]) -> Consent:
    """The state after these events, oldest first, all of one topic and channel (see `covering`)."""
    consent = Consent()
    for event in events:
        consent = _after(consent, event)
    return consent


def earlier_json(earlier: Iterable[Consent]) -> list[dict[str, Any]]:  # Any: JSON
    """Consents in force as the tables keep them."""
    return [
        {
            "since": None if each.since is None else each.since.isoformat(),
            "confirmed": each.confirmed,
            "expires_at": None if each.expires_at is None else each.expires_at.isoformat(),
            "last_contact_at": None if each.last_contact_at is None else each.last_contact_at.isoformat(),
            "entry_id": each.entry_id,
            "flaw": each.flaw,
            "terms": None if each.terms is None else terms_json(each.terms),
        }
        for each in earlier
    ]


def consent_of(stored: Mapping[str, Any]) -> Consent:  # Any: JSON that `earlier_json` or the gate's SQL wrote
    """A consent in force."""
    return Consent(
        ConsentState.ACTIVE,
        _moment(stored.get("since")),
        confirmed=bool(stored.get("confirmed")),
        expires_at=_moment(stored.get("expires_at")),
        last_contact_at=_moment(stored.get("last_contact_at")),
        entry_id=stored.get("entry_id"),
        flaw=Flaw(stored["flaw"]) if stored.get("flaw") else None,
        terms=terms_of(stored.get("terms")),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def covering(events: Iterable[ConsentEvent], topic_id: int, channel: Channel) -> list[ConsentEvent]:
    """Those of a person's events that say something about this topic on this channel."""
    return [
        event for event in events if event.topic_id in (topic_id, None) and event.channel in (channel, None)
    ]


def _after(consent: Consent, event: ConsentEvent) -> Consent:
    holds = _holds(consent, event.at)
    match event:
        case Requested(at=at, entry_id=entry_id):
            # asking again takes nothing away; until the answer the earlier yes holds
            return consent if holds else Consent(ConsentState.PENDING, at, entry_id=entry_id)
        case Given():
            # a yes that anybody could have typed replaces no confirmed one, and renews none
            if holds and consent.confirmed:
                return consent
            again = _active(event, confirmed=False, before=consent if holds else None)
            return _narrowed(again, fewer) if (fewer := _fewer(consent)) and holds else again
        case Confirmed():
            # the link of a request that was withdrawn since answers nothing: a fresh request comes first
            answers = consent.state in (ConsentState.PENDING, ConsentState.ACTIVE)
            return _active(event, confirmed=True, before=consent if holds else None) if answers else consent
        case Reconfirmed(at=at, expires_at=expires_at):
            end = expires_at or consent.expires_at
            return replace(consent, last_contact_at=at, expires_at=end) if holds else consent
        case Narrowed(fewer=fewer):
            return _narrowed(consent, fewer) if holds else consent
        case Withdrawn(at=at):
            return Consent(ConsentState.WITHDRAWN, at)
        case Expired(at=at):
            over = consent.state in (ConsentState.ACTIVE, ConsentState.PENDING)
            return Consent(ConsentState.EXPIRED, at) if over else consent
        case unreachable:
            assert_never(unreachable)


def _holds(consent: Consent, at: datetime) -> bool:
    ended = consent.expires_at is not None and at >= consent.expires_at
    return consent.state is ConsentState.ACTIVE and not ended


def _fewer(consent: Consent) -> Limit | None:
    return None if consent.terms is None else consent.terms.fewer


def _narrowed(consent: Consent, fewer: Limit) -> Consent:
    """It and what was agreed to before: none of them allows more than the person wants now."""
    narrowest = min(filter(None, (fewer, _fewer(consent))), key=lambda limit: limit.a_year)
    terms = replace(consent.terms or Terms(), fewer=narrowest)
    earlier = tuple(_narrowed(each, fewer) for each in consent.earlier)
    return replace(consent, terms=terms, earlier=earlier)


def _active(event: Given | Confirmed, *, confirmed: bool, before: Consent | None) -> Consent:
    """The confirmation of a yes given at the same moment, under the same entry, is that yes."""
    kept = before.agreements if before is not None and before.entry_id != event.entry_id else ()
    return Consent(
        ConsentState.ACTIVE,
        event.at,
        confirmed=confirmed,
        expires_at=event.expires_at,
        last_contact_at=event.at,
        entry_id=event.entry_id,
        terms=event.terms,
        flaw=event.flaw,
        earlier=kept[:EARLIER_MAX],
    )


EARLIER_MAX: Final = 4


class Period(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


_PERIOD_JA: Final = {Period.DAY: "1日", Period.WEEK: "週", Period.MONTH: "月", Period.YEAR: "年"}
_TIMES_EN: Final = {1: "once", 2: "twice"}
FREQUENCY_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often at most, as promised when the consent was asked for."""

    max: int
    per: Period

    def __post_init__(self) -> None:
        if not 1 <= self.max <= FREQUENCY_MAX:
            raise ValueError(f"a frequency is 1 to {FREQUENCY_MAX} times")

    def __str__(self) -> str:
        return f"{self.max}/{self.per}"

    def text(self, language: str) -> str:
        """The promise in words, Japanese or English: 週1回まで, at most once a week."""
        if language == "ja":
            return f"{_PERIOD_JA[self.per]}{self.max}回まで"
        return f"at most {_TIMES_EN.get(self.max, f'{self.max} times')} a {self.per}"

    @property
    def limit(self) -> Limit:
        match self.per:
            case Period.DAY:
                return Limit(self.max, days=timedelta(days=1))
            case Period.WEEK:
                return Limit(self.max, days=timedelta(weeks=1))
            case Period.MONTH:
                return Limit(self.max, months=1)
            case Period.YEAR:
                return Limit(self.max, months=12)
            case unreachable:
                assert_never(unreachable)

    def counted_after(self, now: datetime) -> datetime:
        """Messages sent later than this count."""
        return self.limit.counted_after(now)


def parse_frequency(text: str) -> Frequency | None:
    """The opposite of `str`; None for what is none."""
    count, _, per = text.partition("/")
    if not (
        count.isascii() and count.isdecimal() and len(count) <= len(str(FREQUENCY_MAX)) and per in set(Period)
    ):
        return None
    return Frequency(int(count), Period(per)) if 1 <= int(count) <= FREQUENCY_MAX else None


def add_months(at: datetime, months: int) -> datetime:
    """Calendar months on the clock of `at`; 31 January + 1 month is the last of February."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    day = min(at.day, calendar.monthrange(year, month + 1)[1])
    return at.replace(year=year, month=month + 1, day=day)


class Method(StrEnum):
    """How an act of the person reached us."""

    WEB_DOUBLE = "web-double"
    WEB_SINGLE = "web-single"
    PAGE = "page"  # the opt-out page
    PREFERENCE = "preference"  # the preference centre
    ONE_CLICK = "one-click"  # RFC 8058
    REPLY = "reply"  # mail to us
    SMS = "sms"  # a STOP text
    COMPLAINT = "complaint"  # the spam button
    PAPER = "paper"
    CARD = "card"
    TELEPHONE = "telephone"
    STAFF = "staff"
    IMPORT = "import"
    API = "api"
    APP = "app"  # a switch in an app of the sender's own
    EVENT_DESK = "event-desk"  # the form on a tablet of ours, pressed by the person, at a named place
    EMPTY_MAIL = "empty-mail"  # a mail to the address of a form: a request, no topic is named in it
    CARRY_ON = "carry-on"  # the button behind the one mail that asks whether to go on
    CLOCK = "clock"  # nobody's act: the promised end came


_WORDED: Final = ("wording_version", "wording_sha256", "topics", "purposes")
_WEB: Final = (*_WORDED, "url", "form_sha256")
_SCANNED: Final = (*_WORDED, "form_sha256", "by")

# what must not be absent, by method (特定電子メール法施行規則4条1項, PP-04); the time never is
REQUIRED: Final[dict[Method, tuple[str, ...]]] = {
    Method.WEB_DOUBLE: _WEB,
    Method.WEB_SINGLE: _WEB,
    Method.PREFERENCE: _WEB,
    Method.PAPER: _SCANNED,
    Method.CARD: ("form_sha256", "by"),  # a notice of the address, not a consent: no wording was agreed to
    Method.TELEPHONE: (*_WORDED, "by"),
    Method.STAFF: (*_WORDED, "by"),
    Method.IMPORT: (*_WORDED, "by"),
    Method.API: (*_WORDED, "by"),
    Method.APP: (*_WORDED, "by", "screen"),
    Method.EVENT_DESK: (*_WEB, "by", "desk"),
    Method.EMPTY_MAIL: ("wording_version", "wording_sha256", "form_sha256"),
    # ways to say no, or to renew what is evidenced already
    Method.PAGE: (),
    Method.ONE_CLICK: (),
    Method.REPLY: (),
    Method.SMS: (),
    Method.COMPLAINT: (),
    Method.CARRY_ON: (),
    Method.CLOCK: (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AppScreen:
    """Where in an app of the sender a person moved a switch. Raises ValueError for names that are unfit."""

    app: str
    version: str  # of the app
    screen: str

    def __post_init__(self) -> None:
        for text in (self.app, self.version, self.screen):
            if not 1 <= len(text) <= APP_CHARACTERS_MAX or text != text.strip() or "=?" in text:
                raise ValueError("a name has 1 to 100 characters, without =? and without spaces around it")
            if any(unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") for each in text):
                raise ValueError("a name holds no control characters")

    def fields(self) -> dict[str, str]:
        """As they stand in an entry of the ledger."""
        return {"app": self.app, "app_version": self.version, "screen": self.screen}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPlace:
    """The occasion or the shop, and the desk in it. Who opens a desk has cleaned both."""

    place: str
    desk: str

    def fields(self) -> dict[str, str]:
        """As they stand in an entry of the ledger."""
        return {"place": self.place, "desk": self.desk}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What proves one act of a person (LAW.md section 7)."""

    at: datetime
    method: Method
    url: str | None = None
    wording_version: int | None = None
    wording_sha256: str | None = None
    form_sha256: str | None = None  # screenshot or page as it was shown; the scan of a paper
    page_sha256: str | None = None  # the page as one document, in the language shown
    picture_sha256: str | None = None  # and how it looked
    topics: tuple[str, ...] = ()
    channel: Channel | None = None
    frequency: Frequency | None = None
    purposes: tuple[str, ...] = ()
    ip: str | None = None
    browser: str | None = None
    policy_version: int | None = None
    policy_sha256: str | None = None
    by: str | None = None  # who keyed it, or which application
    screen: AppScreen | None = None  # of an app of the sender
    desk: DeskPlace | None = None  # where the tablet stood

    def __post_init__(self) -> None:
        if self.at.utcoffset() is None:
            raise ValueError("the time of an act needs its zone")

    def missing(self) -> tuple[str, ...]:
        """Names of the parts without which this proves nothing; () if the set is complete."""
        return tuple(name for name in REQUIRED[self.method] if not getattr(self, name))

    def fields(
        self,
        *,
        n: int,
        address: str | None = None,
        name: str | None = None,
        scope: str | None = None,
        via: str | None = None,
        until: datetime | None = None,
    ) -> dict[str, str | int | list[str]]:
        """The fields of its ledger entry (TRUST.md 1.1), `n` counting the contact's entries from 1.

        What is absent is left out. Times are text, for a float has no canonical form.
        """
        present: dict[str, str | int | list[str] | None] = {
            "n": n,
            "at": _instant(self.at),
            "address": address,
            "channel": str(self.channel) if self.channel else None,
            "method": str(self.method),
            "url": self.url,
            "form_sha256": self.form_sha256,
            "page_sha256": self.page_sha256,
            "picture_sha256": self.picture_sha256,
            "wording_version": self.wording_version,
            "wording_sha256": self.wording_sha256,
            "policy_version": self.policy_version,
            "policy_sha256": self.policy_sha256,
            "topics": list(self.topics) or None,
            "frequency": str(self.frequency) if self.frequency else None,
            "purpose": list(self.purposes) or None,
            "name": name,
            "ip": self.ip,
            "browser": self.browser,
            "by": self.by,
            **(self.screen.fields() if self.screen else {}),
            **(self.desk.fields() if self.desk else {}),
            "scope": scope,
            "via": via,
            "until": _instant(until) if until else None,
        }
        return {field: value for field, value in present.items() if value is not None}


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


class PromiseField(StrEnum):
    """What a promise is made of, as far as a change of it could mean more than somebody agreed to."""

    CONTENT = "content"
    PURPOSE = "purpose"
    FREQUENCY = "frequency_max"
    DOUBLE_OPT_IN = "double_opt_in"


def widened(
    before: tuple[str, str, Frequency, bool], after: tuple[str, str, Frequency, bool]
) -> frozenset[PromiseField]:
    """Where content, purpose, frequency or the confirmation promise less to the person than before.

    Another content or purpose is another one (個人情報保護法17条2項, 18条); fewer messages are not more.
    """
    found = {
        PromiseField.CONTENT: before[0] != after[0],
        PromiseField.PURPOSE: before[1] != after[1],
        PromiseField.FREQUENCY: after[2].limit.a_year > before[2].limit.a_year,
        PromiseField.DOUBLE_OPT_IN: before[3] and not after[3],
    }
    return frozenset(each for each, more in found.items() if more)


def promise_text(
    name: str,
    name_en: str,
    content: str,
    purpose: str,
    frequency: Frequency,
    *,
    double_opt_in: bool,
    valid_months: int | None,
) -> str:
    """A promise as it is kept, a line for each part, so that two versions can be compared line by line."""
    lines = [
        f"名前：{name}",
        f"英語名：{name_en}" if name_en else "",
        f"内容：{content}",
        f"目的：{purpose}",
        f"頻度：{frequency.text('ja')}",
        "確認メール：あり" if double_opt_in else "確認メール：なし",
        f"同意の期間：{valid_months}か月" if valid_months else "同意の期間：期限なし",
    ]
    return "\n".join(filter(None, lines))
