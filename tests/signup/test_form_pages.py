"""Of every published form the page itself is kept, and every consent from it names what was on the screen."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.test import Client
from tests.people import SENDER, a_shop
from tests.signup.forms import EVIDENCE, a_form, ask, confirm_token
from tests.signup.shown import (
    LANGUAGES,
    a_stranger,
    acts,
    as_if_published_before_pages_were_kept,
    fields_of,
    html_of,
    publish_again,
    sha256,
)

from shodaku.consent import selectors as consents
from shodaku.kit import db
from shodaku.signup import jobs, selectors, services, showing

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_kept_as_one_document_that_loads_runs_and_sends_nothing(shop, language):
    html = html_of(shop, a_form(shop), language).decode()
    assert html.startswith("<!doctype html>")
    assert "<script" not in html
    assert re.findall(r'(?:src|href|action)="(?!mailto:|data:)([^"]*)"', html) == []
    assert "url(" not in html
    assert "@import" not in html
    assert "form-action 'none'" in html
    assert html.count("<style>") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_the_visitor_reads_and_nothing_is_ticked(shop, language):
    form = a_form(shop, introduction="週に1度、新しい雑貨をご案内します。")
    html = html_of(shop, form, language).decode()
    wording = selectors.form_version(shop.workspace_id, form.form_id, 1).published.wording(language)
    public = Client(headers={"accept-language": language}).get(f"/f/{shop.slug}/join").content.decode()
    for text in (wording.choice, wording.button, wording.boxes[0].text, wording.terms[0].title):
        assert text in html
        assert text in public
    assert SENDER.privacy_policy in html
    assert " checked" not in html


def test_the_same_form_gives_the_same_bytes(shop):
    form = a_form(shop)
    for language in LANGUAGES:
        shown = selectors.shown(shop.workspace_id, form.form_id, 1, language)
        assert showing.as_document(shown).encode() == html_of(shop, form, language)


@pytest.mark.parametrize(
    "more", ['<script src="/x.js"></script>', '<img src="/x.png">', '<link rel="stylesheet" href="/x.css">']
)
def test_a_template_that_would_load_something_else_cannot_be_kept(shop, monkeypatch, more):
    shown = selectors.shown(shop.workspace_id, a_form(shop).form_id, 1, "ja")
    page = showing.as_page(shown)
    monkeypatch.setattr(showing, "as_page", lambda _: page.replace("</body>", more))
    with pytest.raises(showing.NotAlone):
        showing.as_document(shown)


def test_neither_can_one_without_its_style(shop, monkeypatch):
    shown = selectors.shown(shop.workspace_id, a_form(shop).form_id, 1, "ja")
    monkeypatch.setattr(showing, "as_page", lambda _: "<p>あおい雑貨</p>")
    with pytest.raises(showing.NotAlone):
        showing.as_document(shown)


def test_publishing_writes_the_hashes_of_both_pages_into_the_ledger(shop):
    form = a_form(shop)
    (act,) = acts(shop, "wording")
    pages = selectors.pages(shop.workspace_id, form.form_id)
    assert [page.language for page in pages] == ["ja", "en"]
    for page in pages:
        assert act[f"page_{page.language}_sha256"] == page.html_sha256
        assert sha256(html_of(shop, form, page.language)) == page.html_sha256
        assert (page.picture_sha256, page.pictured_at) == (None, None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_request_names_the_page_in_the_language_that_was_shown(shop, language):
    form = a_form(shop)
    asked = fields_of(shop, ask(shop, a_stranger(), language=language), "consent.requested")
    assert asked["page_sha256"] == sha256(html_of(shop, form, language))
    assert "picture_sha256" not in asked


def test_a_confirmation_names_the_page_of_its_request_even_if_another_was_published_since(shop):
    form = a_form(shop)
    person = ask(shop, a_stranger())
    publish_again(shop, form, NOW, title="新しい見出し")
    later = datetime.now(UTC) + timedelta(minutes=1)  # noqa: TID251 - a test is an edge
    services.confirm_signup(confirm_token(shop, person), EVIDENCE, later)
    confirmed = fields_of(shop, person, "consent.confirmed")
    assert confirmed["page_sha256"] == sha256(html_of(shop, form, version=1))
    assert html_of(shop, form, version=1) != html_of(shop, form, version=2)


def test_a_page_of_a_form_older_than_pages_is_made_later_and_says_when(database, shop):
    form = a_form(shop)
    before = html_of(shop, form)
    as_if_published_before_pages_were_kept(database, shop)
    assert services.keep_missing_pages(shop.workspace_id, form.form_id, 1, now=NOW)
    page = selectors.page(shop.workspace_id, form.form_id, 1, "ja")
    version = selectors.form_version(shop.workspace_id, form.form_id, 1)
    assert (page.rendered_at, html_of(shop, form)) == (NOW, before)
    assert page.rendered_at != version.published_at
    act = acts(shop, "wording")[-1]
    assert (act["rendered_at"], act["by"]) == ("2026-11-25T03:00:00.000+00:00", "system")
    assert act["page_ja_sha256"] == page.html_sha256


def test_an_entry_of_before_does_not_get_the_page_that_was_made_later(database, shop):
    form = a_form(shop)
    as_if_published_before_pages_were_kept(database, shop)
    earlier = ask(shop, a_stranger())
    services.keep_missing_pages(shop.workspace_id, form.form_id, 1, now=NOW)
    later = ask(shop, a_stranger())
    assert "page_sha256" not in fields_of(shop, earlier, "consent.requested")
    assert fields_of(shop, later, "consent.requested")["page_sha256"] == sha256(html_of(shop, form))


def test_the_policy_of_an_older_form_can_be_found_again_by_its_hash(database, shop):
    form = a_form(shop)
    as_if_published_before_pages_were_kept(database, shop)
    policy = sha256(SENDER.privacy_policy.encode())
    assert consents.wording_by_sha256(shop.workspace_id, policy) is None
    services.keep_missing_pages(shop.workspace_id, form.form_id, 1, now=NOW)
    assert consents.wording_by_sha256(shop.workspace_id, policy).text == SENDER.privacy_policy


def test_a_version_that_has_its_pages_gets_no_others(shop):
    form = a_form(shop)
    before = selectors.pages(shop.workspace_id, form.form_id)
    assert not services.keep_missing_pages(shop.workspace_id, form.form_id, 1, now=NOW)
    assert not services.keep_missing_pages(shop.workspace_id, form.form_id, 2, now=NOW)
    assert selectors.pages(shop.workspace_id, form.form_id) == before
    assert len(acts(shop, "wording")) == 1


def jobs_waiting(shop):
    with db.transaction(shop.workspace_id) as connection:
        return connection.execute(
            "select (args ->> 'version')::int from procrastinate_jobs where task_name = 'signup.picture'"
            " and status = 'todo' and (args ->> 'workspace_id')::int = %s",
            [shop.workspace_id],
        ).fetchall()


def forget_the_jobs(database):
    with psycopg.connect(database.application) as connection:
        connection.execute("delete from procrastinate_jobs where task_name = 'signup.picture'")


def test_the_sweep_asks_for_pages_that_are_missing_once(database, shop):
    form = a_form(shop)
    publish_again(shop, form, NOW)
    assert sorted(jobs_waiting(shop)) == [(1,), (2,)]
    forget_the_jobs(database)
    assert services.defer_due(shop.workspace_id, pictures=False) == 0
    as_if_published_before_pages_were_kept(database, shop)
    jobs.sweep_shown()
    jobs.sweep_shown()
    assert sorted(jobs_waiting(shop)) == [(1,), (2,)]


@pytest.mark.parametrize(
    "statement",
    ["update form_page set html = '<p>another</p>'", "delete from form_page", "truncate form_page"],
)
def test_the_application_can_neither_change_nor_delete_a_page(shop, statement):
    a_form(shop)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction(shop.workspace_id) as connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "update form_page set html = '<p>another</p>'",
        "update form_page set rendered_at = rendered_at - interval '1 day'",
        "delete from form_page",
        "truncate form_page",
    ],
)
def test_even_the_owner_of_the_table_is_stopped(database, shop, statement):
    a_form(shop)
    with psycopg.connect(database.owner) as owner:
        owner.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner.execute(statement)


def test_a_page_under_a_hash_that_is_not_its_own_cannot_be_written(shop):
    form = a_form(shop)
    publish_again(shop, form, NOW)
    with pytest.raises(psycopg.errors.CheckViolation), db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "insert into form_page (workspace_id, form_id, version, language, html, html_sha256, rendered_at)"
            " values (%s, %s, 1, 'ja', '<p>', 'ab', now())",
            [shop.workspace_id, form.form_id],
        )
