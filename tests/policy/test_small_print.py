"""Borders of forms, of retention and of breaches that a slip of the pen would move."""

import pytest

from shodaku.policy.breach import Breach
from shodaku.policy.domain import Reason, lint_opt_out_page, rules, stands
from shodaku.policy.retention import Periods, retention_periods


@pytest.mark.parametrize(
    "words", ["login", "log in", "LOG-IN", "signin", "Sign in", "sign-in", "ログイン", "会員ログイン"]
)
def test_whatever_a_login_is_called_it_is_one(words):
    assert lint_opt_out_page(words) == Reason.UNSUB_LOGIN_REQUIRED


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("有限会社エー", "(有)エーから", True),
        ("合同会社エー", "(同)エーから", True),
        ("合同会社エー", "(有)エーから", False),
        ("A", "BA", False),
        ("A", "AB", False),
        ("Aあ", "BAあ", False),
        ("あA", "あAB", False),
        ("あい", "xあいx", True),
        ("Acme Mail", "AcmeMail", True),
    ],
)
def test_a_name_stands_there_in_its_own_letters(name, text, expected):
    assert stands([name], text) is expected


def test_periods_are_read_from_the_rules_each_time():
    assert retention_periods(rules()) == Periods(last_send=1, order=12, default=36, advertisement=36, fax=12)


def test_fewer_than_nobody_is_told_as_what_it_is():
    with pytest.raises(ValueError, match=r"^no fewer than nobody can be concerned$"):
        Breach(people=-1, cause="lost")
