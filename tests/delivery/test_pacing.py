"""Token buckets: never more than the rate over any window, nobody overtakes, a rate halves and comes back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shodaku.delivery.domain_groups import domains_of_groups, group_of, groups
from shodaku.delivery.pacing import (
    RECOVERY,
    RECOVERY_SECONDS,
    RESERVE,
    SLOWED_SECONDS_MIN,
    SLOWEST,
    Bucket,
    draw,
    given_back,
    overruns,
    recovered,
    slowed,
)

START = datetime(2026, 4, 1, tzinfo=UTC)
RATES = st.floats(0.01, 5_000)
PAUSES = st.floats(0, 120)
WANTED = st.integers(1, 500)
DRAWS = st.lists(
    st.tuples(PAUSES, WANTED, st.booleans(), st.booleans(), st.integers(0, 500)), min_size=1, max_size=12
)


def a_bucket(rate=10.0, *, tokens=None, **changes):
    bucket = Bucket(1, "", rate, rate, 0.0, START)
    return replace(bucket, tokens=bucket.depth if tokens is None else tokens, **changes)


def after(seconds):
    return START + timedelta(seconds=seconds)


@given(st.lists(RATES, min_size=1, max_size=4), DRAWS)
def test_no_window_holds_more_than_its_rate_and_one_bucket(rates, draws):
    buckets = [a_bucket(rate) for rate in rates]
    at, left = 0.0, []
    for pause, wanted, queued, urgent, unused in draws:
        at += pause
        done = draw(buckets, wanted, after(at), queued=queued, urgent=urgent)
        back = min(unused, done.granted)
        buckets = [given_back(each, back) for each in done.buckets]
        left.append((at, done.granted - back))
    for first in range(len(left)):
        for last in range(first, len(left)):
            seconds = left[last][0] - left[first][0]
            sent = sum(n for _, n in left[first : last + 1])
            for rate in rates:
                assert sent <= rate * seconds + max(1.0, rate) + RESERVE + 1e-3


@given(RATES, WANTED, st.booleans())
def test_who_comes_back_when_told_gets_something(rate, wanted, urgent):
    empty = a_bucket(rate, tokens=0.0)
    first = draw([empty], wanted, START, queued=False, urgent=urgent)
    assert first.granted == 0
    later = after(first.wait_seconds + 0.001)
    assert 1 <= draw(first.buckets, wanted, later, queued=True, urgent=urgent).granted <= wanted


@given(RATES, st.lists(WANTED, min_size=2, max_size=20))
def test_turns_follow_each_other_at_the_rate_and_nobody_overtakes(rate, chunks):
    buckets, turns = (a_bucket(rate, tokens=0.0),), []
    for wanted in chunks:
        done = draw(buckets, wanted, START, queued=False, urgent=False)
        buckets = done.buckets
        turns.append(done.wait_seconds)
    for before, (wanted, turn) in zip(turns, zip(chunks, turns[1:], strict=False), strict=False):
        assert abs(turn - before - wanted / rate) <= 1e-4 * max(1.0, turn)
    full = tuple(replace(each, tokens=each.depth) for each in buckets)
    assert draw(full, 1, START, queued=False, urgent=False).granted == 0, "the others were there before"


def test_what_somebody_waits_for_finds_a_token_that_campaigns_leave():
    done = draw([a_bucket(10.0)], 500, START, queued=False, urgent=False)
    assert done.granted == 10
    assert draw(done.buckets, 1, START, queued=False, urgent=False).granted == 0
    assert draw(done.buckets, 1, START, queued=False, urgent=True).granted == 1


def test_without_a_bucket_everything_may_leave():
    assert draw([], 500, START, queued=False, urgent=False).granted == 500


def test_the_narrowest_of_several_decides():
    wide, narrow = a_bucket(100.0), a_bucket(3.0)
    done = draw([wide, narrow], 50, START, queued=False, urgent=False)
    assert done.granted == 3
    assert [round(each.tokens) for each in done.buckets] == [98, 1]


def test_a_clock_that_goes_back_refills_nothing():
    bucket = a_bucket(10.0, tokens=1.0).at(after(-3600))
    assert (bucket.tokens, bucket.refilled_at) == (1.0, START)


@given(RATES, st.lists(st.floats(0, 3_600), max_size=30))
def test_a_rate_halves_once_a_minute_at_most_and_not_below_a_sixty_fourth(rate, pauses):
    bucket, at, changed = a_bucket(rate), 0.0, None
    for pause in pauses:
        at += pause
        before = recovered(bucket, after(at)).rate
        bucket = slowed(bucket, after(at))
        assert rate * SLOWEST <= bucket.rate * (1 + 1e-9)
        if changed is None or at - changed >= SLOWED_SECONDS_MIN:
            assert bucket.rate == max(before / 2, rate * SLOWEST)
            changed = at
        assert bucket.rate <= before


@given(RATES, st.integers(0, 40))
def test_each_quiet_ten_minutes_bring_a_tenth_until_it_is_as_it_was_set(rate, steps):
    slow = slowed(a_bucket(rate), START)
    back = recovered(slow, after(steps * RECOVERY_SECONDS))
    wanted = min(rate, rate / 2 * RECOVERY**steps)
    assert abs(back.rate - wanted) <= 1e-9 * rate
    assert (back.changed_at is None) == (wanted == rate)
    piecemeal = slow
    for step in range(steps):
        piecemeal = recovered(piecemeal, after((step + 1) * RECOVERY_SECONDS))
    assert abs(piecemeal.rate - back.rate) <= 1e-6 * rate, "however often somebody looks"


def test_answers_that_say_too_fast_and_those_that_do_not():
    fast = [
        (421, "4.7.0 Our system has detected an unusual rate of mail"),
        (450, "4.7.1 try again"),
        (452, "4.5.3 Too many recipients"),
        (421, "too many connections from your host"),
        (451, "4.4.5 rate limit exceeded"),
    ]
    assert [overruns([each]) for each in fast] == [True] * len(fast)
    for answer in [
        (451, "4.7.1 Greylisted, see you later"),
        (450, "4.2.0 mailbox busy"),
        (452, "4.2.2 mailbox full"),
        (0, ""),
    ]:
        assert not overruns([answer]), answer
    assert not overruns([])


def test_receivers_are_known_by_their_domains():
    assert groups() == (
        "docomo", "au", "softbank", "rakuten", "gmail", "microsoft", "yahoo", "icloud", "other",
    )  # fmt: skip
    named = ("a@docomo.ne.jp", "b@EZWEB.ne.jp", "c@i.softbank.jp", "d@gmail.com", "e@example.jp")
    assert [group_of(each) for each in named] == ["docomo", "au", "softbank", "gmail", "other"]
    assert all(domain == domain.lower() and "@" not in domain for domain in domains_of_groups())
