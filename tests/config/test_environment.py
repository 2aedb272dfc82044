"""Limits of the environment: a whole number, or one sentence that says which one is wrong."""

from __future__ import annotations

import pytest

from shodaku.config import environment

NAME = "SHODAKU_SIGNUP_NETWORK_POSTS_MAX"


@pytest.mark.parametrize(("said", "meant"), [("", 10), ("1", 1), ("1000000", 1_000_000)])
def test_a_limit_is_what_the_environment_says_or_the_usual_one(monkeypatch, said, meant):
    monkeypatch.setenv(NAME, said)
    assert environment.limit(NAME, 10) == meant


@pytest.mark.parametrize("said", ["0", "-1", "1000001", "x", "１０", "1e3", "9" * 5_000])
def test_what_is_no_limit_is_told_by_its_name(monkeypatch, said):
    monkeypatch.setenv(NAME, said)
    with pytest.raises(environment.UnfitLimit) as refused:
        environment.limit(NAME, 10)
    assert refused.value.hint == NAME
