"""A DKIM key is published, seen in DNS, used, replaced, and only after its grace ended."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shodaku.delivery.dkim import Algorithm
from shodaku.delivery.key_states import GRACE_DAYS, ROTATE_DAYS, Change, DkimKey, KeyState, change, selector

NOW = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)
GRACE = timedelta(days=GRACE_DAYS)
RSA = DkimKey(1, "aoi.example", "s1r", Algorithm.RSA, 1, b"key", NOW, None, None, None, "")
ED = replace(RSA, key_id=2, selector="s1e", algorithm=Algorithm.ED25519)
ACTIVE = replace(RSA, active_at=NOW)
NEXT = replace(RSA, key_id=3, selector="s2r", generation=2)
LEAVING = replace(ACTIVE, replaced_at=NOW)


def test_a_new_key_waits_until_dns_shows_it():
    assert change([RSA], [], NOW) == Change()
    assert change([RSA], ["s1r"], NOW) == Change(begin=(1,))


def test_of_two_keys_none_begins_before_both_are_shown():
    assert change([RSA, ED], ["s1e"], NOW) == Change()
    assert change([RSA, ED], ["s1e", "s1r"], NOW) == Change(begin=(1, 2))


def test_the_old_key_signs_on_until_the_new_one_is_shown():
    assert change([ACTIVE, NEXT], ["s1r"], NOW) == Change()
    assert change([ACTIVE, NEXT], ["s1r", "s2r"], NOW) == Change(begin=(3,), replace=(1,))


def test_an_active_key_that_dns_shows_no_more_is_not_ended_by_that():
    assert change([ACTIVE], [], NOW) == Change()


def test_half_a_year_after_it_began_to_sign_a_new_key_is_advised_and_of_no_other():
    then = NOW + timedelta(days=ROTATE_DAYS)
    assert not ACTIVE.is_old(then)
    later = then + timedelta(seconds=1)
    assert ACTIVE.is_old(later)
    assert not any(each.is_old(later) for each in (RSA, LEAVING, replace(LEAVING, ended_at=NOW)))


def test_a_replaced_key_ends_with_its_grace_and_not_before():
    assert change([LEAVING], [], NOW + GRACE - timedelta(seconds=1)) == Change()
    assert change([LEAVING], [], NOW + GRACE) == Change(end=(1,))


def test_a_generation_that_never_signed_ends_with_the_next_one_that_does():
    assert change([RSA, NEXT], ["s2r"], NOW) == Change(begin=(3,), end=(1,))


def test_the_state_follows_from_the_times():
    ended = replace(LEAVING, ended_at=NOW)
    states = [each.state for each in (RSA, ACTIVE, LEAVING, ended)]
    assert states == [KeyState.WAITING, KeyState.ACTIVE, KeyState.LEAVING, KeyState.ENDED]


TIMES = st.none() | st.just(NOW - GRACE) | st.just(NOW)
KEYS = st.lists(st.tuples(st.integers(1, 3), TIMES, TIMES, TIMES, st.booleans()), max_size=6)


@given(KEYS)
def test_nothing_that_ended_comes_back_and_nothing_unseen_begins(drawn):
    keys = [
        replace(
            RSA, key_id=at, selector=f"s{at}", generation=generation, active_at=active, replaced_at=replaced,
            ended_at=ended,
        )
        for at, (generation, active, replaced, ended, _) in enumerate(drawn)
    ]  # fmt: skip
    shown = {f"s{at}" for at, each in enumerate(drawn) if each[4]}
    due = change(keys, shown, NOW)
    by_id = {each.key_id: each for each in keys}
    assert all(by_id[each].selector in shown for each in due.begin)
    assert all(by_id[each].state is KeyState.WAITING for each in due.begin)
    assert all(by_id[each].state is KeyState.ACTIVE for each in due.replace)
    assert not any(by_id[each].state in (KeyState.ENDED, KeyState.ACTIVE) for each in due.end)
    assert not due.replace or due.begin


def test_selectors_are_labels_of_dns_and_name_their_kind():
    assert selector(NOW, b"\xab\xcd\xef\x00", Algorithm.RSA) == "sd2611-abcdefr"
    assert selector(NOW, b"\xab\xcd\xef\x00", Algorithm.ED25519) == "sd2611-abcdefe"
