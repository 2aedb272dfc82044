"""Every text of a privacy policy that was shown stays readable under the hash that consents name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.console.desk import at_desk
from tests.console.senders import save
from tests.people import SENDER, a_shop
from tests.signup.forms import a_form, ask
from tests.signup.shown import a_stranger, acts, fields_of, publish_again, sha256

from shodaku.accounts import services as accounts
from shodaku.consent import selectors as consents
from shodaku.signup import jobs, services

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
OTHER = "ほかのことには使いません。"

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


def kept(shop):
    return [each.text for each in consents.wordings(shop.workspace_id, "policy", shop.sender_id)]


def change_policy(shop, text, version="2"):
    changed = replace(SENDER, sender_id=shop.sender_id, privacy_policy=text, privacy_policy_version=version)
    accounts.save_sender(shop.workspace_id, changed, now=NOW)


def test_publishing_keeps_the_policy_that_consents_will_name(shop):
    a_form(shop)
    (act,) = acts(shop, "policy")
    assert (act["sender"], act["version"], act["by"]) == (str(shop.sender_id), "1", "system")
    named = fields_of(shop, ask(shop, a_stranger()), "consent.requested")["policy_sha256"]
    found = consents.wording_by_sha256(shop.workspace_id, named)
    assert (found.text, found.kind, found.version) == (SENDER.privacy_policy, "policy", 1)
    assert act["policy_sha256"] == named


def test_publishing_again_with_the_same_policy_is_no_other_act(shop):
    form = a_form(shop)
    publish_again(shop, form, NOW, title="新しい見出し")
    assert len(acts(shop, "policy")) == 1


def test_a_policy_changed_at_the_desk_is_kept_beside_the_one_before_and_is_an_act(shop):
    a_form(shop)
    desk = at_desk(shop)
    assert save(desk, shop, privacy_policy=OTHER).status_code == 302
    assert kept(shop) == [OTHER, SENDER.privacy_policy]
    act = acts(shop, "policy")[-1]
    assert (act["version"], act["policy_sha256"]) == ("2", sha256(OTHER.encode()))
    assert act["by"].startswith("staff:")
    save(desk, shop, privacy_policy=OTHER)
    assert len(acts(shop, "policy")) == 2


def test_who_goes_back_to_an_earlier_text_shows_it_again_as_another_act(shop):
    a_form(shop)
    for text in (OTHER, SENDER.privacy_policy):
        change_policy(shop, text)
        shown = services.shown_sender(shop.workspace_id, shop.sender_id)
        services.keep_policy(shop.workspace_id, shown, staff_id=7, now=NOW)
    assert kept(shop) == [SENDER.privacy_policy, OTHER, SENDER.privacy_policy]
    assert [act["by"] for act in acts(shop, "policy")] == ["system", "staff:7", "staff:7"]


def test_a_policy_that_was_changed_past_the_desk_is_found_by_the_clock(shop):
    change_policy(shop, OTHER)
    jobs.sweep_shown()
    jobs.sweep_shown()
    assert kept(shop) == [OTHER]
    assert len(acts(shop, "policy")) == 1


def test_words_of_forms_and_topics_are_found_by_their_hash_too(shop):
    a_form(shop)
    wording = fields_of(shop, ask(shop, a_stranger()), "consent.requested")["wording_sha256"]
    found = consents.wording_by_sha256(shop.workspace_id, wording)
    assert (found.kind, found.sha256) == ("form", wording)
    assert consents.wording_by_sha256(shop.workspace_id, "ab" * 32) is None
    assert consents.wording_by_sha256(a_shop().workspace_id, wording) is None
