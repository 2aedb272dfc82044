"""Web situations of the law pack run through the real pages, and words that nobody knows are named."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from shodaku.accounts import services as accounts
from shodaku.config.conformance import web
from shodaku.config.conformance.scratch import scratch
from shodaku.config.conformance.words import Case, UnknownWord
from shodaku.kit import db

pytestmark = pytest.mark.usefixtures("database")
SITUATIONS = Path(__file__).parents[3] / "shared/law/situations.yaml"
NOW = datetime.fromisoformat("2026-11-16T10:00:00+09:00")


def suite():
    if not SITUATIONS.is_file():
        return []
    every = yaml.safe_load(SITUATIONS.read_text(encoding="utf-8"))["situations"]
    return [each for each in every if each["kind"] == "web"]


@pytest.fixture(scope="module")
def place(database):
    slug = f"suite-{uuid.uuid4().hex[:8]}"
    return accounts.create_workspace(slug, "A", now=NOW, second_factor_required=False)


def outcome(place, given, message, jurisdiction="JP"):
    case = Case("X", "web", jurisdiction, given, message)
    found = []
    with scratch(place.workspace_id, place.slug, NOW) as shop:
        found.append(web.answer(case, shop))
    return found[0]


def same(found, expected):
    """As the suite compares: `|` separates alternatives, order does not matter."""
    wanted = expected.get("as", [])
    covered = all(set(each.split("|")) & found.forms for each in wanted)
    return (
        (found.verdict, found.reason) == (expected["verdict"], expected["reason"])
        and covered
        and len(found.forms) == len(wanted)
    )


@pytest.mark.skipif(not SITUATIONS.is_file(), reason=f"the law pack is not here: {SITUATIONS}")
@pytest.mark.parametrize("case", suite(), ids=lambda case: case["id"])
def test_a_web_situation_of_the_law_pack_ends_as_it_says(place, case):
    found = outcome(place, case["given"], case["message"], case["jurisdiction"])
    assert same(found, case["expected"]), found


RECORDED = {"http_200", "no_redirect"}
ONE_CLICK = {"method": "POST", "body": "List-Unsubscribe=One-Click"}
PUBLISH = {"publish_form": True}
CASES = {
    "a second press": (
        {"unsubscribe_token": "valid", "already_refused": True},
        ONE_CLICK,
        ("effect", "REFUSAL_RECORDED", RECORDED | {"idempotent"}),
    ),
    "a second press of a link that is years old": (
        {"unsubscribe_token": "valid", "already_refused": True, "message_age": "P3Y"},
        ONE_CLICK,
        ("effect", "REFUSAL_RECORDED", RECORDED | {"idempotent"}),
    ),
    "a press on the page, without the words of one click": (
        {"unsubscribe_token": "valid"},
        {"method": "POST"},
        ("effect", "REFUSAL_RECORDED", RECORDED | {"refusal_all"}),
    ),
    "a press that names the topic alone": (
        {"unsubscribe_token": "valid"},
        {"method": "POST", "body": "scope=topic"},
        ("effect", "REFUSAL_RECORDED", RECORDED),
    ),
    "with cookies that say nothing to us": (
        {"unsubscribe_token": "valid"},
        {**ONE_CLICK, "cookies": {"session": "x"}, "by": "mailbox_provider"},
        ("effect", "REFUSAL_RECORDED", RECORDED | {"refusal_all"}),
    ),
    "a body of a type that no form has": (
        {"unsubscribe_token": "valid"},
        {**ONE_CLICK, "content_type": "text/plain"},
        ("effect", "REFUSAL_RECORDED", RECORDED | {"refusal_all"}),
    ),
    "a tampered link": (
        {"unsubscribe_token": "tampered"},
        ONE_CLICK,
        ("no_effect", "TOKEN_INVALID", set()),
    ),
    "a tampered link of somebody who refused": (
        {"unsubscribe_token": "tampered", "already_refused": True},
        ONE_CLICK,
        ("no_effect", "TOKEN_INVALID", set()),
    ),
    "HEAD on an opt-out link": (
        {"unsubscribe_token": "valid"},
        {"method": "HEAD", "by": "link_scanner"},
        ("no_effect", "GET_MUST_NOT_CHANGE", set()),
    ),
    "DELETE on an opt-out link": (
        {"unsubscribe_token": "valid"},
        {"method": "DELETE"},
        ("no_effect", "GET_MUST_NOT_CHANGE", set()),
    ),
    "a page of ours to stop on": (
        {"unsubscribe_page": {"requires": None}},
        {"publish_page": True},
        ("allow", "OK_FORM", set()),
    ),
    "a page that wants the address again": (
        {"unsubscribe_page": {"requires": "retype_address"}},
        {"publish_page": True},
        ("refuse", "UNSUB_EXTRA_STEP", set()),
    ),
    "a confirmation in time": (
        {"confirm_link": {"age": "PT1H", "ttl": "P3D"}},
        {"method": "POST"},
        ("effect", "CONSENT_RECORDED", {"consent_active"}),
    ),
    "a confirmation at its last instant": (
        {"confirm_link": {"age": "P3D", "ttl": "P3D"}},
        {"method": "POST"},
        ("effect", "CONSENT_RECORDED", {"consent_active"}),
    ),
    "a confirmation a second too late": (
        {"confirm_link": {"age": "P3DT1S", "ttl": "P3D"}},
        {"method": "POST"},
        ("no_effect", "TOKEN_EXPIRED", set()),
    ),
    "a confirmation link of another life": (
        {"confirm_link": {"age": "PT2H", "ttl": "PT1H"}},
        {"method": "POST"},
        ("no_effect", "TOKEN_EXPIRED", set()),
    ),
    "a long-lived confirmation link": (
        {"confirm_link": {"age": "P5D", "ttl": "P7D"}},
        {"method": "POST"},
        ("effect", "CONSENT_RECORDED", {"consent_active"}),
    ),
    "HEAD on a confirmation link": (
        {"confirm_link": {"age": "P4D", "ttl": "P3D"}},
        {"method": "HEAD"},
        ("no_effect", "GET_MUST_NOT_CHANGE", set()),
    ),
    "a good form": ({"form": {}}, PUBLISH, ("allow", "OK_FORM", set())),
    "a box that is ticked": (
        {"form": {"box": "checked_by_default"}},
        {"submit": True, "ticked": True},
        ("refuse", "CONSENT_PRECHECKED", set()),
    ),
    "a ticked box in terms without purpose": (
        {"form": {"box": "checked_by_default", "consent_in": "terms", "purpose_notice": None}},
        PUBLISH,
        ("refuse", "CONSENT_PRECHECKED", set()),
    ),
    "an empty box that agrees to the terms": (
        {"form": {"box": "unchecked", "consent_in": "terms"}},
        {"submit": True, "ticked": True},
        ("refuse", "CONSENT_BUNDLED", set()),
    ),
    "a negative box and consent in the terms": (
        {"form": {"box": "negative", "consent_in": "terms"}},
        PUBLISH,
        ("refuse", "CONSENT_BUNDLED", set()),
    ),
    "no box at all": ({"form": {"box": "none"}}, PUBLISH, ("refuse", "CONSENT_BUNDLED", set())),
    "pale grey": ({"form": {"text_contrast": 2.1}}, PUBLISH, ("refuse", "CONSENT_HIDDEN_WORDING", set())),
    "just too pale": (
        {"form": {"text_contrast": 4.49}},
        PUBLISH,
        ("refuse", "CONSENT_HIDDEN_WORDING", set()),
    ),
    "just dark enough": ({"form": {"text_contrast": 4.5}}, PUBLISH, ("allow", "OK_FORM", set())),
    "black on white": ({"form": {"text_contrast": 21}}, PUBLISH, ("allow", "OK_FORM", set())),
    "as many boxes as kinds": (
        {"form": {"topics": ["news", "coupons", "events"], "boxes": 3}},
        PUBLISH,
        ("allow", "OK_FORM", set()),
    ),
    "two boxes for three kinds": (
        {"form": {"topics": ["x", "y", "z"], "boxes": 2}},
        PUBLISH,
        ("refuse", "CONSENT_NOT_PER_TYPE", set()),
    ),
    "too few boxes before the purpose": (
        {"form": {"topics": ["news", "coupons"], "boxes": 1, "purpose_notice": None}},
        PUBLISH,
        ("refuse", "CONSENT_NOT_PER_TYPE", set()),
    ),
    "a purpose in its own words": (
        {"form": {"purpose_notice": "新商品のご案内"}},
        PUBLISH,
        ("allow", "OK_FORM", set()),
    ),
    "a purchase that needs it": (
        {"form": {"consent_required_to_buy": True, "incentive": "10%引き"}},
        PUBLISH,
        ("refuse", "CONSENT_CONDITIONAL", set()),
    ),
    "the last screen shows it": (
        {"form": {"last_screen_shows_consent": True}},
        PUBLISH,
        ("allow", "OK_FORM", set()),
    ),
    "a gift and a pale text": (
        {"form": {"incentive": "500円クーポン", "text_contrast": 3}},
        PUBLISH,
        ("refuse", "CONSENT_HIDDEN_WORDING", set()),
    ),
    "a good form is sent": (
        {"form": {"box": "unchecked"}},
        {"submit": True, "ticked": True},
        ("allow", "OK_FORM", set()),
    ),
    "a good form is sent and confirmed": (
        {"form": {"box": "unchecked", "confirmed": True}},
        {"submit": True, "ticked": True},
        ("effect", "CONSENT_RECORDED", {"consent_active"}),
    ),
    **{
        f"a kind called {topics[0]}": ({"form": {"topics": topics}}, PUBLISH, ("allow", "OK_FORM", set()))
        for topics in (
            ["プレゼント情報"],
            ["sale!", "50% off"],
            ["お得なポイントが当たる案内"],
            ["案内を受け取らない人向け"],
        )
    },
    "a purpose that speaks of benefits": (
        {"form": {"purpose_notice": "特典のご案内のため"}},
        PUBLISH,
        ("allow", "OK_FORM", set()),
    ),
    "a kind called by a gift, and a gift": (
        {"form": {"topics": ["プレゼント情報"], "incentive": "500円クーポン"}},
        PUBLISH,
        ("allow", "OK_INCENTIVE", set()),
    ),
    "the person filled in the form": (
        {"form": {"submitted_by": "person", "confirmed": True}},
        {"send": "advertising"},
        ("allow", "OK_CONSENT", set()),
    ),
    "a refusal says nothing about a form": (
        {"form": {"box": "negative"}, "already_refused": True},
        PUBLISH,
        ("refuse", "CONSENT_DEEMED", set()),
    ),
    "somebody else signed this person up": (
        {"form": {"submitted_by": "other_person", "confirmed": False}},
        {"send": "advertising"},
        ("refuse", "CONSENT_NOT_CONFIRMED", set()),
    ),
    "the owner of the address confirmed": (
        {"form": {"submitted_by": "other_person", "confirmed": True}},
        {"send": "advertising"},
        ("allow", "OK_CONSENT", set()),
    ),
    "a changed address that was confirmed": (
        {"address_change": {"new": "c@example.jp", "confirmed": True}},
        {"send": "advertising"},
        ("allow", "OK_CONSENT", set()),
    ),
    "the link to a changed address is pressed": (
        {"address_change": {"new": "c@example.jp", "confirmed": False}},
        {"method": "POST"},
        ("effect", "CONSENT_RECORDED", {"consent_active"}),
    ),
    "the link to a changed address is opened": (
        {"address_change": {"new": "c@example.jp"}},
        {"method": "GET", "by": "link_scanner"},
        ("no_effect", "GET_MUST_NOT_CHANGE", set()),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_case_in_the_same_words_ends_as_the_law_says(place, name):
    given, message, expected = CASES[name]
    found = outcome(place, given, message)
    assert (found.verdict, found.reason, found.forms) == expected


@pytest.mark.parametrize("jurisdiction", ["JP", "EU", "KR", "unknown"])
def test_form_checks_hold_everywhere(place, jurisdiction):
    found = outcome(place, {"form": {"box": "negative"}}, PUBLISH, jurisdiction)
    assert found.reason == "CONSENT_DEEMED"


@pytest.mark.parametrize(
    ("given", "message", "named"),
    [
        ({"magic": 1}, {}, "given.magic"),
        ({"form": {"colour": "red"}}, PUBLISH, "form.colour"),
        ({"form": {"box": "round"}}, PUBLISH, "form.box"),
        ({"form": {"consent_in": "footer"}}, PUBLISH, "form.consent_in"),
        ({"form": {"text_contrast": 40}}, PUBLISH, "form.text_contrast"),
        ({"form": {"topics": "news"}}, PUBLISH, "form.topics"),
        ({"form": {"boxes": -1}}, PUBLISH, "form.boxes"),
        ({"form": {"purpose_notice": 5}}, PUBLISH, "form.purpose_notice"),
        ({"form": {"confirmed": "yes"}}, PUBLISH, "form.confirmed"),
        ({"form": {"submitted_by": "robot"}}, PUBLISH, "form.submitted_by"),
        ({"form": {}}, {"publish_forms": True}, "message.publish_forms"),
        ({"form": {}}, {"submit": "yes"}, "message.submit"),
        ({"form": {}}, {"send": "legal"}, "message.send"),
        ({"unsubscribe_token": "stolen"}, ONE_CLICK, "given.unsubscribe_token"),
        ({"unsubscribe_token": "valid", "message_age": "old"}, ONE_CLICK, "given.message_age"),
        ({"unsubscribe_token": "valid", "already_refused": 1}, ONE_CLICK, "given.already_refused"),
        ({"form": {}, "already_refused": "often"}, PUBLISH, "given.already_refused"),
        ({"unsubscribe_token": "valid"}, {"method": "SPEAK"}, "message.method"),
        ({"unsubscribe_token": "valid"}, {"method": "POST", "cookies": 7}, "message.cookies"),
        ({"unsubscribe_page": {"asks": "login"}}, {"publish_page": True}, "given.unsubscribe_page.asks"),
        ({"confirm_link": {"life": "P3D"}}, {"method": "POST"}, "given.confirm_link.life"),
        ({"confirm_link": {"age": "3 days"}}, {"method": "POST"}, "given.confirm_link.age"),
        ({"address_change": {"new": "nowhere"}}, {"send": "advertising"}, "given.address_change.new"),
        ({"form": {}, "unsubscribe_page": {}}, PUBLISH, "given.unsubscribe_page"),
        ({}, {}, "given"),
    ],
)
def test_a_word_that_nobody_knows_is_named(place, given, message, named):
    with pytest.raises(UnknownWord) as unknown:
        outcome(place, given, message)
    assert unknown.value.hint.startswith(named)


def test_nothing_of_a_case_stays(place):
    outcome(place, {"form": {"confirmed": True}}, {"submit": True, "ticked": True})
    with db.transaction(place.workspace_id) as connection:
        left = connection.execute(
            "select (select count(*) from contact where workspace_id = %(id)s),"
            " (select count(*) from form where workspace_id = %(id)s),"
            " (select count(*) from membership where workspace_id = %(id)s)",
            {"id": place.workspace_id},
        ).fetchone()
    assert left == (0, 0, 0)
