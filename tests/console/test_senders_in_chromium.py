"""Senders and topics in a browser, in both languages, both colours, on a telephone and on a desk."""

from __future__ import annotations

import pytest
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, url
from tests.console.test_senders import NOW, SCHOOL, a_topic
from tests.people import a_reader, a_shop
from tests.signup.forms import a_form

from shodaku.accounts import services as accounts
from shodaku.console import offering

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop(database):
    """Three senders: one that is used, one with a topic nobody heard of, one that is retired."""
    return a_shop()


@pytest.fixture(scope="module")
def pages(shop):
    school = accounts.save_sender(shop.workspace_id, SCHOOL, now=NOW)
    former = accounts.save_sender(shop.workspace_id, SCHOOL, now=NOW)
    offering.retire_sender(shop.workspace_id, former, now=NOW)
    course = a_topic(shop, school)
    a_form(shop, topic_ids=[shop.topic_id])
    a_reader(shop)
    offering.put_topic_away(shop.workspace_id, shop.other_topic_id, now=NOW)
    return {
        "senders": url(shop, "senders"),
        "sender_used": url(shop, "sender", shop.sender_id),
        "sender_retired": url(shop, "sender", former),
        "sender_new": url(shop, "sender_new"),
        "settings": url(shop, "settings"),
        "topic_new": url(shop, "topic_new"),
        "topics": url(shop, "topics"),
        "topic_used": url(shop, "topic", shop.topic_id),
        "topic_of_which_nobody_heard": url(shop, "topic", course),
        "topic_put_away": url(shop, "topic", shop.other_topic_id),
    }


@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_who_sends_and_what_is_sent_is_sound_in_each_state(
    shop, pages, browser, base, language, width, scheme
):
    client = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    found = {}
    for name, path in pages.items():
        page.goto(f"{base}{path}?lang={language}")
        found[name] = looked_at(page, f"{name}_{language}_{width}_{scheme}", troubles)
    page.context.close()
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
