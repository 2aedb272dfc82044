"""Consent is a fold over what the person did, and silence is nothing that was done."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.consent.domain import (
    Confirmed,
    Consent,
    ConsentState,
    Evidence,
    Expired,
    Flaw,
    Frequency,
    Given,
    Limit,
    Method,
    Narrowed,
    Period,
    Reconfirmed,
    Requested,
    Terms,
    Withdrawn,
    add_months,
    covering,
    parse_frequency,
    replay,
    terms_json,
    terms_of,
)
from shodaku.contacts.domain import Channel

START = datetime(2026, 1, 1, tzinfo=UTC)
A_DAY = timedelta(days=1)
HERE = {"topic_id": 1, "channel": Channel.EMAIL}

moments = st.integers(0, 9).map(lambda days: START + days * A_DAY)
ends = st.none() | moments
here = {"topic_id": st.just(1), "channel": st.just(Channel.EMAIL)}
events = st.one_of(
    st.builds(Requested, at=moments, **here),
    st.builds(Given, at=moments, entry_id=st.just(7), expires_at=ends, **here),
    st.builds(Confirmed, at=moments, entry_id=st.just(8), expires_at=ends, **here),
    st.builds(Reconfirmed, at=moments, expires_at=ends, **here),
    st.builds(Narrowed, at=moments, fewer=st.sampled_from([Limit(1, months=1), Limit(2, months=1)]), **here),
    st.builds(Withdrawn, at=moments),
    st.builds(Expired, at=moments),
)
histories = st.lists(events, max_size=6).map(lambda events: sorted(events, key=lambda event: event.at))


def on(days):
    return START + days * A_DAY


def requested(days):
    return Requested(at=on(days), entry_id=6, **HERE)


def given_single(days, ends=None):
    return Given(at=on(days), entry_id=7, expires_at=ends, **HERE)


def confirmed(days, ends=None):
    return Confirmed(at=on(days), entry_id=8, expires_at=ends, **HERE)


def test_silence_is_not_consent():
    assert replay([]) == Consent(ConsentState.NEVER)


@given(histories)
def test_a_withdrawal_beats_all_that_came_before(history):
    assert replay([*history, Withdrawn(at=on(10))]).state is ConsentState.WITHDRAWN


@given(histories)
def test_asking_alone_never_makes_consent_active(history):
    before = replay(history)
    after = replay([*history, requested(10)])
    assert after == before or after.state is ConsentState.PENDING


@given(histories)
def test_after_a_withdrawal_only_a_fresh_yes_of_the_person_counts(history):
    after = [event for event in history if not isinstance(event, Given | Requested)]
    assert replay([confirmed(0), Withdrawn(at=on(0)), *after]).state is ConsentState.WITHDRAWN


@given(histories)
def test_an_active_consent_has_a_beginning_and_a_proof(history):
    consent = replay(history)
    if consent.state is ConsentState.ACTIVE:
        assert consent.since is not None
        assert consent.last_contact_at >= consent.since
        assert consent.entry_id in {7, 8}


def test_the_link_in_the_mail_makes_the_consent():
    assert replay([requested(0)]) == Consent(ConsentState.PENDING, on(0), entry_id=6)
    consent = replay([requested(0), confirmed(1, ends=on(300))])
    assert (consent.state, consent.since, consent.confirmed) == (ConsentState.ACTIVE, on(1), True)
    assert (consent.expires_at, consent.entry_id) == (on(300), 8)


def test_a_link_from_before_the_withdrawal_revives_nothing():
    assert replay([requested(0), Withdrawn(at=on(1)), confirmed(2)]).state is ConsentState.WITHDRAWN


def test_asking_again_does_not_take_a_consent_away():
    assert replay([requested(0), confirmed(1), requested(2)]) == replay([requested(0), confirmed(1)])


def test_a_yes_that_anybody_could_have_typed_replaces_no_confirmed_one():
    history = [requested(0), confirmed(1)]
    assert replay([*history, given_single(2)]) == replay(history)
    assert replay([given_single(0)]).confirmed is False
    assert replay([given_single(0), confirmed(1)]).confirmed is True


def test_going_on_prolongs_a_consent_and_never_revives_one():
    history = [requested(0), confirmed(1, ends=on(5))]
    renewed = Reconfirmed(at=on(4), expires_at=on(9), **HERE)
    consent = replay([*history, renewed])
    assert (consent.since, consent.last_contact_at, consent.expires_at) == (on(1), on(4), on(9))
    too_late = Reconfirmed(at=on(5), expires_at=on(9), **HERE)
    assert replay([*history, too_late]) == replay(history)
    over = [*history, Expired(at=on(5))]
    assert replay([*over, too_late]).state is ConsentState.EXPIRED


def test_after_its_end_a_consent_can_be_asked_for_and_given_again():
    ended = [requested(0), confirmed(1, ends=on(5))]
    assert replay([*ended, requested(5)]).state is ConsentState.PENDING
    assert replay([*ended, given_single(5)]).since == on(5)


def test_expiry_touches_only_what_was_alive():
    assert replay([Expired(at=on(1))]).state is ConsentState.NEVER
    assert replay([Withdrawn(at=on(0)), Expired(at=on(1))]).state is ConsentState.WITHDRAWN
    assert replay([requested(0), Expired(at=on(1))]).state is ConsentState.EXPIRED


def test_a_yes_read_into_silence_is_not_express():
    deemed = Given(at=on(0), entry_id=7, flaw=Flaw.DEEMED, **HERE)
    assert replay([deemed]).express is False
    assert replay([given_single(0)]).express is True
    assert Consent().express is False


def test_events_are_of_one_topic_and_channel_unless_they_say_all():
    mail = requested(0)
    sms = Requested(at=on(0), topic_id=1, channel=Channel.SMS)
    other_topic = Requested(at=on(0), topic_id=2, channel=Channel.EMAIL)
    everything = Withdrawn(at=on(1))
    assert covering([mail, sms, other_topic, everything], 1, Channel.EMAIL) == [mail, everything]


@pytest.mark.parametrize(
    ("frequency", "ja", "en"),
    [
        (Frequency(1, Period.WEEK), "週1回まで", "at most once a week"),
        (Frequency(2, Period.MONTH), "月2回まで", "at most twice a month"),
        (Frequency(3, Period.DAY), "1日3回まで", "at most 3 times a day"),
        (Frequency(4, Period.YEAR), "年4回まで", "at most 4 times a year"),
    ],
)
def test_a_promise_of_frequency_can_be_read(frequency, ja, en):
    assert (frequency.text("ja"), frequency.text("en")) == (ja, en)


def test_a_promise_of_frequency_has_limits():
    for times in (0, 101):
        with pytest.raises(ValueError, match="1 to 100"):
            Frequency(times, Period.WEEK)
    assert Frequency(100, Period.WEEK).max == 100


def test_the_window_of_a_frequency_is_a_calendar_period():
    now = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)
    assert Frequency(1, Period.DAY).counted_after(now) == datetime(2026, 3, 30, 9, 0, tzinfo=UTC)
    assert Frequency(1, Period.WEEK).counted_after(now) == datetime(2026, 3, 24, 9, 0, tzinfo=UTC)
    assert Frequency(1, Period.MONTH).counted_after(now) == datetime(2026, 2, 28, 9, 0, tzinfo=UTC)
    assert Frequency(1, Period.YEAR).counted_after(now) == datetime(2025, 3, 31, 9, 0, tzinfo=UTC)


def test_a_month_after_the_last_of_january_is_the_last_of_february():
    assert add_months(datetime(2028, 1, 31, tzinfo=UTC), 1) == datetime(2028, 2, 29, tzinfo=UTC)
    assert add_months(datetime(2026, 12, 1, tzinfo=UTC), 1) == datetime(2027, 1, 1, tzinfo=UTC)
    assert add_months(datetime(2026, 1, 1, tzinfo=UTC), -1) == datetime(2025, 12, 1, tzinfo=UTC)


WEB = Evidence(
    at=datetime(2026, 11, 22, 10, 0, 5, 120000, tzinfo=UTC),
    method=Method.WEB_DOUBLE,
    url="https://shop.example.jp/f/spring",
    wording_version=3,
    wording_sha256="ab" * 32,
    form_sha256="cd" * 32,
    topics=("newsletter",),
    channel=Channel.EMAIL,
    frequency=Frequency(1, Period.WEEK),
    purposes=("新商品の案内",),
    ip="203.0.113.7",
)


def test_a_web_consent_is_proved_by_page_wording_and_topics():
    assert WEB.missing() == ()
    bare = Evidence(at=WEB.at, method=Method.WEB_DOUBLE)
    assert set(bare.missing()) == {
        "wording_version",
        "wording_sha256",
        "topics",
        "purposes",
        "url",
        "form_sha256",
    }


def test_a_paper_is_proved_by_its_scan_and_by_who_keyed_it():
    assert {"form_sha256", "by"} <= set(Evidence(at=WEB.at, method=Method.PAPER).missing())
    assert "url" not in Evidence(at=WEB.at, method=Method.PAPER).missing()


def test_saying_no_needs_no_proof_but_its_time():
    for method in (Method.ONE_CLICK, Method.REPLY, Method.PAGE):
        assert Evidence(at=WEB.at, method=method).missing() == ()


def test_a_time_without_zone_proves_nothing():
    with pytest.raises(ValueError, match="zone"):
        Evidence(at=WEB.at.replace(tzinfo=None), method=Method.ONE_CLICK)


def test_the_ledger_fields_hold_what_is_known_and_nothing_empty():
    assert WEB.fields(n=1, address="taro@example.jp") == {
        "n": 1,
        "at": "2026-11-22T10:00:05.120+00:00",
        "address": "taro@example.jp",
        "channel": "email",
        "method": "web-double",
        "url": "https://shop.example.jp/f/spring",
        "form_sha256": "cd" * 32,
        "wording_version": 3,
        "wording_sha256": "ab" * 32,
        "topics": ["newsletter"],
        "frequency": "1/week",
        "purpose": ["新商品の案内"],
        "ip": "203.0.113.7",
    }
    stop = Evidence(at=WEB.at, method=Method.ONE_CLICK)
    assert stop.fields(n=2, scope="until", via="email", until=WEB.at + A_DAY) == {
        "n": 2,
        "at": "2026-11-22T10:00:05.120+00:00",
        "method": "one-click",
        "scope": "until",
        "via": "email",
        "until": "2026-11-23T10:00:05.120+00:00",
    }


MONTHLY, YEARLY = Frequency(1, Period.MONTH).limit, Frequency(1, Period.YEAR).limit


def narrowed(days, fewer=MONTHLY):
    return Narrowed(at=on(days), fewer=fewer, **HERE)


@given(histories)
def test_to_want_less_begins_and_ends_nothing(history):
    before, after = replay(history), replay([*history, narrowed(10)])
    assert (after.state, after.since, after.expires_at) == (before.state, before.since, before.expires_at)


@given(histories)
def test_no_earlier_yes_allows_more_than_is_wanted_now(history):
    consent = replay([*history, confirmed(10), narrowed(11)])
    if consent.state is ConsentState.ACTIVE:
        wanted = [each.terms.fewer for each in consent.agreements]
        assert all(limit is not None and limit.a_year <= MONTHLY.a_year for limit in wanted)


def test_of_two_wishes_the_narrower_holds_whichever_came_first():
    yes = [requested(0), confirmed(0)]
    for order in ((MONTHLY, YEARLY), (YEARLY, MONTHLY)):
        wishes = [narrowed(day, fewer) for day, fewer in enumerate(order, start=1)]
        assert replay([*yes, *wishes]).terms == Terms(fewer=YEARLY)


def test_only_a_confirmed_yes_makes_it_more_again():
    single = replay([given_single(0), narrowed(1), given_single(2)])
    assert single.terms == Terms(fewer=MONTHLY)
    confirmed_anew = replay([requested(0), confirmed(0), narrowed(1), requested(2), confirmed(3)])
    assert confirmed_anew.terms is None
    after_the_end = replay([requested(0), confirmed(0), narrowed(1), Withdrawn(at=on(2)), given_single(3)])
    assert after_the_end.terms is None


def test_a_wish_outlasts_a_renewal_and_the_tables():
    renewed = replay([requested(0), confirmed(0), narrowed(1), Reconfirmed(at=on(2), **HERE)])
    assert terms_of(terms_json(renewed.terms)) == Terms(fewer=MONTHLY)


@pytest.mark.parametrize(
    "text",
    ["", "1", "/week", "1/", "0/week", "101/day", "1/second", "-1/day", "1.5/day", "１/day", "1/week/day"],
)
def test_what_is_no_frequency_is_none(text):
    assert parse_frequency(text) is None


@given(st.integers(1, 100), st.sampled_from(Period))
def test_a_frequency_is_read_as_it_is_written(count, per):
    assert parse_frequency(str(Frequency(count, per))) == Frequency(count, per)
