"""Stricter values as somebody types them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.delivery.domain import LineFault, read_tightening, write_tightening

VALUES = {
    "stale_months": st.integers(1, 12),
    "complaint_rate_max": st.sampled_from([0.001, 0.0025, 0]),
    "JP.minor_age": st.integers(1, 100),
    "JP.exemptions": st.lists(st.sampled_from(["card", "relationship"]), unique=True),
    "*.address_in_message": st.sampled_from([True]),
    "*.quiet_sms": st.sampled_from(["20:00-09:00", "21:00-08:00"]),
}


@given(st.fixed_dictionaries({}, optional=VALUES))
def test_what_is_written_is_read_again(tightened):
    assert read_tightening(write_tightening(tightened), "1.0") == tightened


@pytest.mark.parametrize(
    ("text", "line"), [("a = 1\nstale_months = 6", 1), ("stale_months = 6\n = 2", 2), ("stale_months =", 1)]
)
def test_the_first_line_at_fault_is_told_with_its_number(text, line):
    with pytest.raises(LineFault) as fault:
        read_tightening(text, "1.0")
    assert fault.value.line == line
    assert fault.value.sentence("en").startswith(f"Line {line}")
    assert fault.value.sentence("ja").startswith(f"{line}行目")


def test_blank_lines_and_remarks_say_nothing():
    assert read_tightening("\n# ours\n\n", "1.1") == {}


def test_a_looser_value_for_a_country_after_a_stricter_one_for_all_is_at_fault():
    with pytest.raises(LineFault) as fault:
        read_tightening("*.quiet_sms = 19:00-09:00\nJP.quiet_sms = 20:00-09:00", "1.0")
    assert (fault.value.line, fault.value.key) == (2, "JP.quiet_sms")
