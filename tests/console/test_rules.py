"""By which rules the gate decides, as the owner sets it: all that was typed or nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors as campaigns
from shodaku.campaigns import services as campaign_services
from shodaku.campaigns import simulating
from shodaku.console.rule_forms import EXEMPTIONS, TIGHTENABLE
from shodaku.delivery import selectors, services
from shodaku.delivery.domain import Exemption, read_tightening
from shodaku.kit import clock
from shodaku.ledger import selectors as ledger

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.fixture
def shop():
    return a_shop()


def choose(desk, shop, tightened="", pack="1.0", home="JP"):
    said = {"pack": pack, "home_country": home, "tightened": tightened}
    return desk.post(url(shop, "choose_rules"), said, follow=True)


def kinds(shop):
    return [entry.kind for entry in ledger.history(shop.workspace_id, 0)]


def test_before_anybody_chose_the_newest_pack_in_force_holds_and_japan_is_home(shop):
    page = text_of(at_desk(shop).get(url(shop, "rules")))
    assert "Rule pack 1.0" in page
    assert "Nobody chose one yet" in page
    assert "are taken to live in JP" in page


def test_a_pack_and_stricter_values_hold_from_the_next_decision_on(shop):
    answer = choose(at_desk(shop), shop, "# ours\nstale_months = 6\nJP.minor_age = 18\n", "1.1")
    assert "Rule pack 1.1+" in text_of(answer)
    choice = selectors.rule_choice(shop.workspace_id)
    assert dict(choice.tightened) == {"stale_months": 6, "JP.minor_age": 18}
    assert choice.home_country == "JP"
    assert kinds(shop)[-1] == "policy"
    assert "stale_months = 6" in text_of(at_desk(shop).get(url(shop, "rules")))


@pytest.mark.parametrize(
    ("typed", "line", "key"),
    [
        ("stale_months = 24", 1, "stale_months"),
        ("stale_months = 6\nJP.relationship_months = 48", 2, "JP.relationship_months"),
        ("stale_months = 6\n\ncolour = red", 3, "colour"),
        ("stale_months", 1, ""),
        ("stale_months = six", 1, "stale_months"),
        ("stale_months = 6\nstale_months = 5", 2, "stale_months"),
    ],
)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_line_at_fault_is_named_and_nothing_is_applied(shop, typed, line, key, language):
    answer = choose(at_desk(shop, language=language), shop, typed)
    assert answer.status_code == 422
    named = f"{line}行目" if language == "ja" else f"Line {line}"
    (sentence,) = answer.context["rules_form"].errors["tightened"]
    assert sentence.startswith(f"{named} {key}:" if key else f"{named}:")
    assert typed.splitlines()[0] in text_of(answer)
    assert selectors.rule_choice(shop.workspace_id).chosen_at is None


def test_an_unknown_pack_or_country_is_refused_at_its_field(shop):
    assert set(choose(at_desk(shop), shop, pack="7").context["rules_form"].errors) == {"pack"}
    assert set(choose(at_desk(shop), shop, home="Japan").context["rules_form"].errors) == {"home_country"}


def test_without_a_home_country_the_strictest_rules_hold_for_whom_nobody_knows(shop):
    assert "the strictest rules hold" in text_of(choose(at_desk(shop), shop, home=""))
    assert selectors.rule_choice(shop.workspace_id).home_country is None


def test_an_exemption_is_switched_with_a_reason_that_stands_in_the_ledger(shop):
    desk = at_desk(shop)
    said = {"sender": shop.sender_id, "exemption": "card_advertising", "on": "on", "reason": "展示会の名刺"}
    page = text_of(desk.post(url(shop, "switch_exemption"), said, follow=True))
    assert str(EXEMPTIONS[Exemption.CARD_ADVERTISING]) in page
    assert [each.name for each in selectors.exemptions(shop.workspace_id)] == ["card_advertising"]
    assert kinds(shop)[-1] == "exemption"
    silent = desk.post(url(shop, "switch_exemption"), said | {"reason": " "})
    assert (silent.status_code, set(silent.context["exemption_form"].errors)) == (422, {"reason"})
    desk.post(url(shop, "switch_exemption"), said | {"on": "off"})
    assert selectors.exemptions(shop.workspace_id) == []


def test_a_topic_held_for_complaints_is_let_go_by_somebody_who_says_why(shop):
    desk = at_desk(shop)
    assert "No topic was measured yet." in text_of(desk.get(url(shop, "rules")))
    services.note_complaints(shop.workspace_id, shop.topic_id, 0.01, now=NOW)
    assert "Let the topic go on" in text_of(desk.get(url(shop, "rules")))
    said = {"topic": shop.topic_id, "reason": "古い名簿を外した"}
    page = text_of(desk.post(url(shop, "release_topic"), said, follow=True))
    assert "The topic goes on" in page
    assert "Let the topic go on" not in page
    assert selectors.complaint_levels(shop.workspace_id)[0].released_at is not None
    nothing = {"topic": shop.other_topic_id, "reason": "なし"}
    assert "Nothing held this topic." in text_of(desk.post(url(shop, "release_topic"), nothing, follow=True))


@pytest.mark.parametrize("role", [Role.MARKETER, Role.CLERK, Role.COMPLIANCE, Role.DEVELOPER])
def test_everybody_reads_the_rules_and_only_an_owner_changes_them(shop, role):
    choose(at_desk(shop), shop, "stale_months = 6")
    desk = at_desk(shop, role)
    page = text_of(desk.get(url(shop, "rules")))
    assert "stale_months = 6" in page
    assert "Hold to these rules" not in page
    for act in ("choose_rules", "simulate_rules", "switch_exemption", "release_topic"):
        assert desk.post(url(shop, act), {}).status_code == 403, act


def look(desk, shop, tightened="stale_months = 6", pack="1.0", home="JP"):
    said = {"pack": pack, "home_country": home, "tightened": tightened}
    return desk.post(url(shop, "simulate_rules"), said, follow=True)


def a_quiet_reader(shop):
    """Who agreed eight months ago, and got nothing since."""
    return a_reader(shop, at=clock.now() - timedelta(days=240))


def button(page):
    return re.search(r"Apply these rules[^<]*", page)


def apply_looked_at(desk, shop, **changes):
    found = campaigns.simulation(shop.workspace_id)
    said = {"pack": "1.0", "home_country": "JP", "tightened": "stale_months = 6", "simulation": found.number}
    return desk.post(url(shop, "choose_rules"), said | changes, follow=True)


def test_before_rules_are_applied_the_page_says_how_many_more_they_would_hold(shop):
    for _ in range(2):
        a_quiet_reader(shop)
    a_reader(shop)
    page = text_of(look(at_desk(shop), shop))
    assert "This would hold 2 more people." in page
    assert "May receive it: 3 people now, 1 under these rules." in page
    assert "CONSENT_STALE" in page
    assert "In 1 topic nobody's answer would be another one." in page
    assert button(page).group() == "Apply these rules and hold 2 more people"
    assert selectors.rule_choice(shop.workspace_id).chosen_at is None
    assert kinds(shop).count("policy") == 0


def test_what_was_looked_at_stays_in_the_form_and_the_rules_in_force_stay_in_their_place(shop):
    page = text_of(look(at_desk(shop), shop))
    assert "Rule pack 1.0\n" in page.replace("</h2>", "\n")
    assert "stale_months = 6\n</textarea>" in page
    assert "stale_months = 6\n</textarea>" not in text_of(at_desk(shop).get(url(shop, "rules")))


def test_the_number_on_the_button_is_that_of_the_rules_that_it_applies(shop):
    a_quiet_reader(shop)
    desk = at_desk(shop)
    look(desk, shop)
    page = text_of(apply_looked_at(desk, shop))
    assert "These rules hold from now on" in page
    assert dict(selectors.rule_choice(shop.workspace_id).tightened) == {"stale_months": 6}
    assert "Rules, exemptions or topics have changed since." in page
    assert button(page) is None


def test_a_button_whose_number_is_of_another_look_applies_nothing(shop):
    a_quiet_reader(shop)
    desk = at_desk(shop)
    look(desk, shop)
    older = campaigns.simulation(shop.workspace_id).number
    look(desk, shop, "stale_months = 5")
    answer = apply_looked_at(desk, shop, simulation=older)
    assert answer.status_code == 409
    assert "Look again before you decide." in text_of(answer)
    assert selectors.rule_choice(shop.workspace_id).chosen_at is None


def test_a_button_whose_number_was_compared_with_other_rules_applies_nothing(shop):
    a_quiet_reader(shop)
    desk = at_desk(shop)
    look(desk, shop)
    choose(desk, shop, "", "1.1")
    assert apply_looked_at(desk, shop).status_code == 409
    assert selectors.rule_choice(shop.workspace_id).pack == "1.1"


def test_rules_that_hold_already_have_no_button_to_apply_them(shop):
    desk = at_desk(shop)
    choose(desk, shop, "stale_months = 6")
    page = text_of(look(desk, shop))
    assert "These are the rules that hold now." in page
    assert button(page) is None


def test_rules_that_hold_nobody_say_so_and_rules_that_hold_fewer_say_how_many(shop):
    a_quiet_reader(shop)
    desk = at_desk(shop)
    page = text_of(look(desk, shop, "first_issue_days = 5"))
    assert "This would hold nobody who is not held now." in page
    assert button(page).group() == "Apply these rules; they hold nobody more"
    choose(desk, shop, "stale_months = 6")
    page = text_of(look(desk, shop, ""))
    assert "1 person would get a topic that is held from them now." in page
    assert button(page).group() == "Apply these rules and hold 1 person fewer"


def test_a_line_at_fault_is_named_and_nothing_is_looked_at(shop):
    answer = look(at_desk(shop), shop, "stale_months = 24")
    assert (answer.status_code, set(answer.context["rules_form"].errors)) == (422, {"tightened"})
    assert campaigns.simulation(shop.workspace_id) is None


def test_of_many_people_the_page_shows_how_far_the_look_is_and_may_be_left(shop, monkeypatch):
    monkeypatch.setattr(simulating, "AT_ONCE_CONTACTS_MAX", 0)
    a_quiet_reader(shop)
    desk = at_desk(shop)
    page = text_of(look(desk, shop))
    assert "No rule changes by looking. You may leave this page" in page
    assert button(page) is None
    part = desk.get(url(shop, "simulating"), headers={"hx-request": "true"})
    assert 'hx-trigger="every 2s"' in text_of(part)
    assert desk.get(url(shop, "simulating")).url == url(shop, "rules")
    number = campaigns.simulation(shop.workspace_id).number
    campaign_services.run_simulation(shop.workspace_id, number, now=clock.now())
    part = desk.get(url(shop, "simulating"), headers={"hx-request": "true"})
    assert (part.headers["HX-Refresh"], text_of(part)) == ("true", "")
    assert button(text_of(desk.get(url(shop, "rules")))).group() == "Apply these rules and hold 1 more person"


def test_everybody_reads_what_was_looked_at_and_only_an_owner_looks_or_applies(shop):
    a_quiet_reader(shop)
    look(at_desk(shop), shop)
    desk = at_desk(shop, Role.MARKETER)
    page = text_of(desk.get(url(shop, "rules")))
    assert "This would hold 1 more person." in page
    assert button(page) is None
    assert desk.post(url(shop, "simulate_rules"), {}).status_code == 403


@pytest.mark.parametrize("key", [key for key, _example, _about in TIGHTENABLE])
def test_every_key_on_the_page_is_one_that_the_rules_know(key):
    example = next(example for name, example, _about in TIGHTENABLE if name == key)
    assert set(read_tightening(f"{key} = {example}", "1.0")) == {key}


def test_every_exemption_has_its_words():
    assert set(EXEMPTIONS) == set(Exemption)
