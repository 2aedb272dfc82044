"""A key proves by itself that it is one of ours, and a call too many is put off."""

from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from shodaku.api.domain import CALLS_A_MINUTE, Meter, basic, bearer, read_key, write_key

secrets = st.binary(min_size=20, max_size=20)
workspaces = st.integers(1, 2**31 - 1)


@given(workspaces, secrets)
def test_what_is_written_is_read(workspace_id, secret):
    shown = read_key(write_key(workspace_id, secret))
    assert shown.workspace_id == workspace_id
    assert len(shown.sha256) == 32


@given(workspaces, secrets, st.data())
def test_one_changed_letter_makes_it_no_key(workspace_id, secret, data):
    key = write_key(workspace_id, secret)
    at = data.draw(st.integers(0, len(key) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda each: each != key[at]))
    assert read_key(key[:at] + other + key[at + 1 :]) is None


@given(st.text())
def test_any_text_gives_an_answer(text):
    assert read_key(text) is None
    bearer(text)
    basic(text)


def test_a_key_is_taken_from_either_kind_of_header():
    key = write_key(3, bytes(20))
    assert bearer(f"Bearer {key}") == key
    assert basic("Basic " + base64.b64encode(f"{key}:".encode()).decode()) == key


def test_the_call_after_the_last_waits_and_another_key_does_not():
    meter = Meter()
    waits = [meter.seconds_to_wait((1, 1), 100.0 + n / 100) for n in range(CALLS_A_MINUTE)]
    assert set(waits) == {0.0}
    assert 53 < meter.seconds_to_wait((1, 1), 106.0) <= 60
    assert meter.seconds_to_wait((1, 2), 106.0) == 0.0
    assert meter.seconds_to_wait((1, 1), 160.001) == 0.0


def test_a_meter_forgets_whoever_rests():
    meter = Meter()
    for number in range(1_500):
        meter.seconds_to_wait((1, number), 0.0)
    meter.seconds_to_wait((2, 1), 1_000.0)
    assert len(meter._calls) <= 1
