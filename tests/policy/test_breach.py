"""A leak is reported where 個人情報保護法26条 asks: 施行規則7条 and 8条, on both sides of each limit."""

from __future__ import annotations

from datetime import date

import pytest

from shodaku.policy.domain import Breach, Duties, Reason, duties, rules

KNOWN_ON = date(2026, 11, 16)
SMALL = Duties(Reason.BREACH_NOT_REPORTABLE)


def due(**facts):
    return duties(Breach(**{"people": 1, "cause": "misdirected_mail", **facts}), KNOWN_ON, rules()["PI-06"])


def reported(final_by):
    return Duties(Reason.BREACH_REPORT_DUE, date(2026, 11, 20), final_by, notify=True)


# the day on which it became known is the first of the 5, 30 or 60
IN_30 = reported(date(2026, 12, 15))
IN_60 = reported(date(2027, 1, 14))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"people": 1000}, SMALL),
        ({"people": 1001}, IN_30),
        ({"sensitive": True}, IN_30),
        ({"property_damage": True}, IN_30),
        ({"cause": "unauthorised_access"}, IN_60),
        ({"cause": "malicious"}, IN_60),
        ({"cause": "malicious", "people": 100_000, "sensitive": True}, IN_60),
        ({"people": 0, "cause": "malicious"}, SMALL),
        ({"people": 0, "sensitive": True}, SMALL),
        ({"people": 5000, "encrypted": True}, SMALL),
        ({"cause": "unauthorised_access", "encrypted": True}, SMALL),
    ],
)
def test_what_is_due_for_a_leak(facts, expected):
    assert due(**facts) == expected


def test_fewer_than_nobody_is_no_number_of_people():
    with pytest.raises(ValueError, match="nobody"):
        Breach(people=-1, cause="malicious")
