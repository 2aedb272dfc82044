"""A list that comes in sets the interpreter for itself, and back when the last one is there."""

from __future__ import annotations

import gc
import sys

import pytest

from shodaku.imports.interpreter import set_for_lists


def as_it_is():
    return gc.get_threshold(), sys.getswitchinterval()


def test_the_last_of_several_lists_sets_back_what_the_first_one_found():
    before = as_it_is()
    one, other = set_for_lists(), set_for_lists()
    one.__enter__()
    during = as_it_is()
    other.__enter__()
    one.__exit__(None, None, None)
    assert as_it_is() == during != before
    other.__exit__(None, None, None)
    assert as_it_is() == before


def test_a_list_that_fails_sets_it_back_too():
    before = as_it_is()
    with pytest.raises(LookupError), set_for_lists():
        raise LookupError
    assert as_it_is() == before
