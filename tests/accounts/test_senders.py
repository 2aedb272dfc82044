"""Who sends: nothing is kept from which a mail could not be written, or would never leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.people import SENDER, a_shop

from shodaku.accounts import selectors, services
from shodaku.accounts.domain import (
    SenderFault,
    check_sender,
    next_version,
    parse_header_text,
    parse_mail_domain,
)
from shodaku.content.header_text import clean, is_mail_domain
from shodaku.policy.head import head_fault

NOW = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"display_name": "あおい\r\nBcc: all@rival.example"}, "display_name"),
        ({"display_name": "=?UTF-8?B?Qg==?="}, "display_name"),
        ({"formal_name": "あおい\u202e"}, "formal_name"),
        ({"mail_domain": "aoi example"}, "mail_domain"),
        ({"mail_domain": "aoi.example>"}, "mail_domain"),
        ({"mail_domain": "AOI.example"}, "mail_domain"),
        ({"mail_domain": "localhost"}, "mail_domain"),
        ({"from_address": "news@rival.example"}, "from_address"),
        ({"from_address": "news@notaoi.example"}, "from_address"),
        ({"mail_domain": "bounce.aoi.example"}, "from_address"),
    ],
)
def test_a_sender_that_no_mail_could_come_from_is_refused_in_both_languages(wrong, field):
    with pytest.raises(SenderFault) as refused:
        check_sender(replace(SENDER, **wrong))
    assert refused.value.field == field
    assert refused.value.sentence("ja") != refused.value.sentence("en")


def test_a_refused_sender_is_not_kept(database):
    shop = a_shop()
    with pytest.raises(SenderFault):
        services.save_sender(
            shop.workspace_id, replace(SENDER, sender_id=shop.sender_id, mail_domain="x y"), now=NOW
        )
    assert selectors.sender(shop.workspace_id, shop.sender_id).mail_domain == "aoi.example"


LABELS = some.sampled_from(["aoi", "news", "a-b", "-", "", "example", "A", "co.jp", "x" * 64])


@given(some.lists(LABELS, min_size=1, max_size=4).map(".".join))
def test_a_domain_that_is_taken_can_stand_in_a_mail(text):
    try:
        domain = parse_mail_domain(text)
    except SenderFault:
        return
    assert is_mail_domain(domain)


@given(some.text(max_size=30))
def test_a_name_that_is_taken_is_written_as_it_was_typed(text):
    try:
        name = parse_header_text(text, "display_name")
    except SenderFault:
        return
    assert clean(name) == name


@given(some.sampled_from(["aoi.example", "news.aoi.example", "xaoi.example", "example", "aoi.example.jp"]))
def test_who_passes_here_is_never_a_false_sender_at_the_gate(domain):
    sender = replace(SENDER, from_address=f"news@{domain}")
    try:
        check_sender(sender)
    except SenderFault:
        assert head_fault("Subject", domain, [sender.mail_domain], is_reply=False) is not None
    else:
        assert head_fault("Subject", domain, [sender.mail_domain], is_reply=False) is None


@pytest.mark.parametrize(
    ("before", "after"), [("1", "2"), ("9", "10"), ("1.4", "1.5"), ("2026-04", "2026-04.1"), ("", ".1")]
)
def test_a_changed_policy_gets_another_version_whatever_the_one_before_looks_like(before, after):
    assert next_version(before) == after
