"""Whoever holds an entry finds what its hashes are of: the very bytes, or nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.people import SENDER, a_contact, a_shop
from tests.signup.forms import a_form, ask
from tests.signup.shown import LANGUAGES, a_stranger, acts, fields_of, html_of, publish_again, sha256

from shodaku.consent.domain import Method
from shodaku.kit import db
from shodaku.signup import selectors, services

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


@pytest.fixture(scope="module")
def form(shop):
    return a_form(shop)


def found(shop, *sha256s):
    return selectors.shown_by_hash(shop.workspace_id, sha256s)


def hashes_in(fields):
    return {value for name, value in fields.items() if name.endswith("_sha256")}


def test_every_hash_of_a_request_is_found(shop, form):
    fields = fields_of(shop, ask(shop, a_stranger()), "consent.requested")
    assert {name for name in fields if name.endswith("_sha256")} == {
        "form_sha256",
        "page_sha256",
        "policy_sha256",
        "wording_sha256",
    }
    shown = found(shop, *hashes_in(fields))
    assert shown.keys() == hashes_in(fields)
    assert shown[fields["policy_sha256"]] == SENDER.privacy_policy.encode()
    assert shown[fields["page_sha256"]] == html_of(shop, form)
    assert shown[fields["form_sha256"]].startswith(b'{"definition":')
    assert "□ 月刊ショップだより".encode() in shown[fields["wording_sha256"]]


def test_every_hash_of_the_act_of_publishing_is_found(shop, form):
    act = acts(shop, "wording")[0]
    assert found(shop, *hashes_in(act)).keys() == hashes_in(act)


def test_so_are_the_words_of_a_consent_by_telephone(shop):
    told = services.ToldConsent(
        contact_id=a_contact(shop),
        topic_ids=(shop.topic_id,),
        method=Method.TELEPHONE,
        at=NOW,
        wording="月刊ショップだよりを受け取ります。",
        by="staff:7",
    )
    services.record_told_consent(shop.workspace_id, told, now=NOW)
    fields = fields_of(shop, told.contact_id, "consent.given")
    assert found(shop, fields["wording_sha256"]) == {fields["wording_sha256"]: told.wording.encode()}


def test_a_hash_of_nothing_here_is_left_out(shop, form):
    page = sha256(html_of(shop, form))
    assert found(shop, page, "ab" * 32, "no hash").keys() == {page}
    assert found(shop) == {}


def test_what_another_shop_showed_is_not_found(shop, form):
    assert found(a_shop(), sha256(html_of(shop, form))) == {}


def test_more_hashes_than_a_history_has_are_refused(shop):
    most = [sha256(bytes([n // 256, n % 256])) for n in range(selectors.HASHES_MAX)]
    assert found(shop, *most) == {}
    with pytest.raises(ValueError, match="1000"):
        found(shop, *most, "ab" * 32)


def test_words_that_were_altered_since_are_not_found(database, shop):
    told = services.ToldConsent(
        contact_id=a_contact(shop),
        topic_ids=(shop.topic_id,),
        method=Method.TELEPHONE,
        at=NOW,
        wording="セール速報を受け取ります。",
        by="staff:7",
    )
    services.record_told_consent(shop.workspace_id, told, now=NOW)
    wording = fields_of(shop, told.contact_id, "consent.given")["wording_sha256"]
    with psycopg.connect(database.owner) as owner:
        owner.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        owner.execute("update wording set text = 'すべてを受け取ります。' where sha256 = %s", [wording])
    assert found(shop, wording) == {}


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=80)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=WORDS, introduction=WORDS)
def test_what_is_given_for_a_hash_has_that_hash(shop, form, title, introduction):
    try:
        version = publish_again(shop, form, NOW, title=title, introduction=introduction)
    except services.FormRefused:
        assume(False)  # noqa: FBT003 - hypothesis takes it so
    kept = selectors.form_version(shop.workspace_id, form.form_id, version)
    wanted = {
        kept.sha256,
        *(kept.published.wording(language).sha256 for language in LANGUAGES),
        *(page.html_sha256 for page in selectors.pages(shop.workspace_id, form.form_id)[:2]),
    }
    shown = found(shop, *wanted)
    assert shown.keys() == wanted
    assert {sha256(each) for each in shown.values()} == wanted
