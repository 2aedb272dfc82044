"""Switches in the sender's own app: on with evidence, off at once, each press once, no way around a no."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.api.test_api import a_key, an_address
from tests.console.desk import at_desk, text_of, url
from tests.people import SENDER, a_reader, a_shop
from tests.signup.forms import confirm_token, mailings
from tests.signup.test_services import a_single_topic

from shodaku.accounts import services as accounts
from shodaku.api import routes
from shodaku.api.domain import Meter, Scope
from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.domain import Method
from shodaku.console import offering
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel
from shodaku.kit import clock, db
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_services
from shodaku.ledger import verify
from shodaku.ledger.services import VaultAway
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.signup import services as signup
from shodaku.signup.domain import WebEvidence

NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
TEXT = "あおい雑貨から、選んだ種類の案内をメールで受け取ります。目的：商品の案内。"


@pytest.fixture
def shop(database):
    shop = a_shop()
    a_single_topic(shop)
    return shop


@pytest.fixture(autouse=True)
def fresh_meter(monkeypatch):
    monkeypatch.setattr(routes, "_meter", Meter())


@pytest.fixture
def app(shop):
    return App(a_key(shop, Scope.CONSENTS_WRITE, Scope.CONSENTS_READ))


class App:
    """The settings screen of a shop's own app."""

    def __init__(self, key):
        self.key = key
        self.wording = self.call("app-wordings", {"text": TEXT}).json().get("version")

    def call(self, path, body, *, press=None, language="en"):
        headers = {"authorization": f"Bearer {self.key}", "accept-language": language}
        if press:
            headers["idempotency-key"] = press
        return Client().post(f"/api/v1/{path}", body, "application/json", headers=headers)

    def press(self, way, address, *topics, press=None, **changes):
        body = {
            "address": address,
            "topics": list(topics),
            "wording": self.wording,
            "app": "Aoi",
            "app_version": "3.2.1",
            "screen": "設定 > お知らせ",
            **changes,
        }
        return self.call(f"consents/{way}", body, press=press or uuid.uuid4().hex)

    def states(self, address):
        return {e["topic"]: e["state"] for e in self.call("consents/state", {"address": address}).json()}


def person(shop, address):
    return optout.owner(shop.workspace_id, address)


def entries(shop, contact_id):
    return ledger.history(shop.workspace_id, contact_id)


def read(entry):
    return dict(entry.fields)


def test_a_switch_that_needs_no_confirmation_is_on_at_once_with_its_evidence(shop, app):
    address = an_address()
    answer = app.press("on", address, "single")
    assert answer.status_code == 200, answer.content
    assert {e["topic"]: e["state"] for e in answer.json()["topics"]} == {
        "news": "off", "sale": "off", "single": "on",
    }  # fmt: skip
    contact_id = person(shop, address)
    assert contacts.contact(shop.workspace_id, contact_id).source == "app"
    (held,) = consents.held(shop.workspace_id, contact_id)
    (entry,) = entries(shop, contact_id)
    assert (entry.kind, entry.entry_id) == ("consent.given", held.entry_id)
    said = read(entry)
    assert said["method"] == Method.APP.value
    assert (said["app"], said["app_version"], said["screen"]) == ("Aoi", "3.2.1", "設定 > お知らせ")
    assert said["by"].startswith("api:")
    assert said["wording_version"] == app.wording
    assert consents.wording_by_sha256(shop.workspace_id, said["wording_sha256"]).text == TEXT


def test_a_topic_with_double_opt_in_is_off_until_the_owner_of_the_address_confirms(shop, app):
    address = an_address()
    app.press("on", address, "news")
    assert app.states(address)["news"] == "asked"
    contact_id = person(shop, address)
    assert len(mailings(shop, "confirmation")) == 1
    token = confirm_token(shop, contact_id)
    signup.confirm_signup(token, WebEvidence(url="https://mail.example/confirm"), clock.now())
    assert app.states(address)["news"] == "on"
    said = read(entries(shop, contact_id)[-1])
    # the switch is where the yes was given; the mail only tells that the address is theirs
    assert (said["method"], said["screen"]) == (Method.APP.value, "設定 > お知らせ")


def test_off_holds_when_it_is_answered_and_the_ledger_says_where_it_was_pressed(shop, app):
    address = an_address()
    contact_id = a_reader(shop, address, at=NOW - timedelta(days=1))
    assert app.states(address)["news"] == "on"
    answer = app.press("off", address, "news")
    assert {e["topic"]: e["state"] for e in answer.json()["topics"]}["news"] == "off"
    last = entries(shop, contact_id)[-1]
    assert last.kind == "consent.withdrawn"
    said = read(last)
    assert (said["method"], said["app"], said["wording_version"]) == ("app", "Aoi", app.wording)


def test_off_works_while_the_key_store_is_away(shop, app, monkeypatch):
    address = an_address()
    a_reader(shop, address, at=NOW - timedelta(days=1))

    def away(*_arguments, **_named):
        raise VaultAway

    monkeypatch.setattr(ledger_services, "ensure_keys", away)
    monkeypatch.setattr(ledger_services, "append", away)
    assert app.press("off", address, "news").status_code == 200
    assert app.states(address)["news"] == "off"


def test_a_press_that_is_sent_again_counts_once_also_after_the_opposite_one(shop, app):
    address = an_address()
    app.press("on", address, "single", press="first")
    app.press("off", address, "single", press="second")
    assert app.press("on", address, "single", press="first").status_code == 200
    assert app.states(address)["single"] == "off"
    contact_id = person(shop, address)
    count = len(entries(shop, contact_id))
    app.press("off", address, "single", press="second")
    assert len(entries(shop, contact_id)) == count


def test_a_late_repetition_of_off_does_not_undo_a_newer_yes(shop, app):
    address = an_address()
    a_reader(shop, address, at=NOW - timedelta(days=1))
    app.press("off", address, "news", press="old")
    app.press("on", address, "news", press="new")
    contact_id = person(shop, address)
    token = confirm_token(shop, contact_id)
    signup.confirm_signup(token, WebEvidence(url="https://mail.example/confirm"), clock.now())
    app.press("off", address, "news", press="old")
    assert app.states(address)["news"] == "on"


def test_a_key_of_another_press_is_refused_for_a_yes_and_never_costs_a_no(shop, app):
    address = an_address()
    app.press("on", address, "single", press="one")
    reused = app.press("on", address, "news", press="one")
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
    app.press("off", address, "news", press="one")
    assert app.press("off", address, "single", press="one").status_code == 200
    assert app.states(address)["single"] == "off"


@pytest.mark.parametrize("scope", [OptOutScope.ALL, OptOutScope.TOPIC])
def test_after_a_no_a_switch_alone_brings_nobody_back(shop, app, scope):
    address = an_address()
    topics = {each.slug: each.topic_id for each in consents.topics(shop.workspace_id)}
    contact_id = a_reader(shop, address, topic_id=topics["single"], at=NOW - timedelta(days=1))
    no = OptOut(
        workspace_id=shop.workspace_id,
        contact_id=contact_id,
        scope=scope,
        topic_id=topics["single"] if scope is OptOutScope.TOPIC else None,
        via=Method.PAGE,
    )
    optout.opt_out(no, clock.now())
    app.press("on", address, "single")
    assert app.states(address)["single"] == "asked"
    assert len(mailings(shop, "confirmation")) == 1


def test_who_is_never_to_be_contacted_is_not_even_asked(shop, app):
    address = an_address()
    optout.suppress_address(shop.workspace_id, Channel.EMAIL, address, "staff:1", clock.now())
    answer = app.press("on", address, "news", "single")
    assert answer.status_code == 200
    assert person(shop, address) is None
    assert set(app.states(address).values()) == {"off"}


def test_known_and_unknown_people_get_the_same_answer_without_the_right_to_know(shop, app):
    unknowing = App(a_key(shop, Scope.CONSENTS_WRITE))
    known = an_address()
    a_reader(shop, known, at=NOW - timedelta(days=1))
    for way in ("on", "off"):
        answers = [unknowing.press(way, each, "sale").json() for each in (known, an_address())]
        assert [(each["accepted"], each["topics"]) for each in answers] == [(True, None)] * 2
    assert unknowing.call("consents/state", {"address": known}).status_code == 403


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"wording": 99}, None),
        ({"topics": []}, "topics"),
        ({"topics": ["none"]}, "topics"),
        ({"address": "no address"}, "address"),
        ({"app": ""}, "app"),
        ({"app": "x" * 101}, "app"),
        ({"screen": "a\nb"}, "app"),
        ({"screen": "=?utf-8?b?eA==?="}, "app"),
        ({"language": "fr"}, "language"),
        ({"ip": "somewhere"}, "ip"),
        ({"checked": True}, "checked"),
    ],
)
def test_what_cannot_be_evidence_changes_nothing(shop, app, changes, field):
    address = an_address()
    answer = app.press("on", changes.pop("address", address), *changes.pop("topics", ["single"]), **changes)
    assert answer.status_code == 422
    if field:
        assert answer.json()["errors"][0]["field"].rpartition(".")[2] == field
    else:
        assert answer.json()["code"] == "app_wording_unknown"
    assert person(shop, address) is None


def test_a_no_is_obeyed_whatever_its_program_says_of_itself(shop, app):
    address = an_address()
    a_reader(shop, address, at=NOW - timedelta(days=1))
    assert app.press("off", address, "news", app="a\nb", ip="somewhere", wording=99).status_code == 200
    assert app.states(address)["news"] == "off"


@pytest.mark.parametrize("press", ["", " ", "x" * 201, "é"])
def test_each_press_needs_a_key_of_its_own(shop, app, press):
    body = {"address": an_address(), "topics": ["single"], "wording": app.wording, "app": "Aoi",
            "app_version": "1", "screen": "s"}  # fmt: skip
    assert app.call("consents/on", body, press=press).status_code == 422


@pytest.mark.parametrize(
    "text",
    [
        "あおい雑貨から商品の案内をお送りします。目的：商品の案内。停止の連絡がない場合は同意したものとみなします。",
        "メールで案内を受け取ります。",
    ],
)
def test_words_that_are_no_ground_for_a_consent_are_refused_with_the_reason(shop, app, text):
    answer = app.call("app-wordings", {"text": text}, language="ja")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["detail"].endswith("。")


def test_the_same_words_are_the_same_version_and_other_words_another(shop, app):
    assert app.call("app-wordings", {"text": TEXT}).json()["version"] == app.wording
    other = app.call("app-wordings", {"text": TEXT + "いつでも停止できます。"}).json()
    assert other["version"] == app.wording + 1
    listed = Client().get("/api/v1/app-wordings", headers={"authorization": f"Bearer {app.key}"}).json()
    assert [each["text"] for each in listed] == [TEXT + "いつでも停止できます。", TEXT]


def test_a_wording_of_another_shop_is_unknown(shop, app):
    elsewhere = App(a_key(a_shop(), Scope.CONSENTS_WRITE))
    elsewhere.wording = elsewhere.call("app-wordings", {"text": TEXT}).json()["version"]
    fresh = a_shop()
    stranger = App.__new__(App)
    stranger.key, stranger.wording = a_key(fresh, Scope.CONSENTS_WRITE), elsewhere.wording
    assert stranger.press("on", an_address(), "news").json()["code"] == "app_wording_unknown"


def test_presses_are_forgotten_with_the_person(shop, app):
    address = an_address()
    app.press("on", address, "single", press="one")
    app.press("off", address, "single", press="two")
    contact_id = person(shop, address)
    with db.transaction(shop.workspace_id):
        assert consent.forget(contact_id)["app_act"] == 2


@pytest.mark.parametrize(("language", "words"), [("en", "settings of the app"), ("ja", "アプリの設定画面")])
def test_the_desk_shows_in_which_app_it_was_pressed(shop, app, language, words):
    address = an_address()
    app.press("on", address, "single")
    page = at_desk(shop, language=language).get(url(shop, "contact", person(shop, address)))
    assert words in text_of(page)


def test_a_proof_says_app_version_and_screen_in_words(shop, app):
    address = an_address()
    app.press("on", address, "single")
    (entry,) = entries(shop, person(shop, address))
    said = {verify.field_in_words(name, "ja"): value for name, value in entry.fields.items()}
    assert (said["アプリ"], said["アプリの版"], said["アプリの画面"]) == ("Aoi", "3.2.1", "設定 > お知らせ")


def test_of_a_topic_that_was_put_away_a_switch_goes_off_and_none_goes_on(shop, app):
    address = an_address()
    contact_id = a_reader(shop, address, at=NOW - timedelta(days=1))
    offering.put_topic_away(shop.workspace_id, shop.topic_id, now=clock.now())
    assert app.press("on", an_address(), "news").status_code == 422
    assert app.press("off", address, "news").status_code == 200
    (held,) = consents.held(shop.workspace_id, contact_id)
    assert held.state == "withdrawn"


def test_one_press_is_about_one_sender(shop, app):
    """A consent is given to a sender, and the words beside the switches cannot be of two."""
    school = accounts.save_sender(
        shop.workspace_id, replace(SENDER, formal_name="一般社団法人まなびの会"), now=NOW
    )
    offering.change_topic_sender(shop.workspace_id, shop.other_topic_id, school, now=NOW)
    address = an_address()
    answer = app.press("on", address, "news", "sale")
    assert (answer.status_code, answer.json()["code"]) == (422, "app_topics_of_several_senders")
    assert person(shop, address) is None
    assert app.press("on", address, "news").status_code == 200
