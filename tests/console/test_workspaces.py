"""Workspaces: called what one likes, another one beside it, and many topics in it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from tests.console.desk import at_desk, somebody, text_of, url
from tests.people import a_contact, a_shop

from shodaku.accounts import selectors, services
from shodaku.accounts.domain import Role
from shodaku.console.views.topics import PAGE_ROWS
from shodaku.kit import db
from shodaku.ledger import selectors as ledger

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
HARD_NAMES = ["あ" * 200, "شركة الأزرق للتجارة", "👩‍👩‍👧‍👦🏳️‍🌈" * 5, "<b>&amp;\"'", "が" * 100]


@pytest.fixture
def shop():
    return a_shop()


def save(shop, desk=None, **changed):
    said = {"name": "青い店", "locale": "ja", "timezone": "Asia/Tokyo"} | changed
    return (desk or at_desk(shop)).post(url(shop, "workspace"), said)


def kinds(workspace_id):
    return [entry.kind for entry in ledger.history(workspace_id, 0)]


@pytest.mark.parametrize("name", HARD_NAMES)
def test_a_workspace_is_called_what_its_owner_likes_and_nothing_of_it_is_lost(shop, name):
    assert save(shop, name=name, locale="en", timezone="Europe/Berlin").status_code == 302
    saved = selectors.workspace(shop.workspace_id)
    assert (saved.name, saved.locale, saved.timezone) == (name, "en", "Europe/Berlin")
    for page in ("home", "topics", "campaigns", "contacts", "workspace"):
        assert '<b>&amp;"' not in text_of(at_desk(shop).get(url(shop, page)))
    assert kinds(shop.workspace_id) == ["admin.workspace.changed"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "あ" * 201}, "name"),
        ({"name": "青い\n店"}, "name"),
        ({"name": "x\u202egnp.exe"}, "name"),
        ({"timezone": "Tokyo"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"locale": "fr"}, "locale"),
    ],
)
def test_what_cannot_be_is_told_at_its_field(shop, wrong, field):
    answer = save(shop, **wrong)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert selectors.workspace(shop.workspace_id).name == "あおい雑貨"


@pytest.fixture(autouse=True)
def _somebody_of_few_workspaces():
    """The account that all tests share belongs to more than a hundred when all of them run."""
    somebody.cache_clear()


def test_another_workspace_belongs_to_whoever_makes_it_and_shows_its_first_steps(shop):
    desk, slug = at_desk(shop), f"second-{uuid.uuid4().hex[:8]}"
    answer = desk.post(url(shop, "workspace_new"), {"name": "二号店", "slug": slug})
    assert answer["Location"] == f"/console/{slug}/"
    assert 'id="h-guide"' in text_of(desk.get(answer["Location"]))
    made = selectors.workspace_by_slug(slug)
    assert [each.role for each in selectors.staff(made.workspace_id)] == ["owner"]
    assert kinds(made.workspace_id) == ["admin.workspace.created"]
    assert at_desk(shop, Role.CLERK).get(answer["Location"]).status_code == 404
    listed = text_of(desk.get(url(shop, "workspace")))
    assert f'href="/console/{slug}/"' in listed
    assert f'href="/console/{shop.slug}/"' in listed


def test_every_page_of_a_workspace_without_a_sender_can_be_opened(shop):
    desk, slug = at_desk(shop), f"empty-{uuid.uuid4().hex[:8]}"
    desk.post(url(shop, "workspace_new"), {"name": "空", "slug": slug})
    empty = selectors.workspace_by_slug(slug)
    for page in (
        "home",
        "contacts",
        "topics",
        "topic_new",
        "policies",
        "forms",
        "campaigns",
        "settings",
        "domains",
        "keys",
    ):
        assert desk.get(url(empty, page)).status_code in (200, 302), page


def test_a_short_name_that_is_taken_is_told_at_its_field(shop):
    answer = at_desk(shop).post(url(shop, "workspace_new"), {"name": "x", "slug": a_shop().slug})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"slug"}


@pytest.mark.parametrize("role", [Role.MARKETER, Role.CLERK, Role.COMPLIANCE, Role.DEVELOPER])
def test_only_an_owner_changes_it_or_makes_another(shop, role):
    desk = at_desk(shop, role)
    assert desk.get(url(shop, "workspace")).status_code == 200
    assert save(shop, desk).status_code == 403
    assert desk.post(url(shop, "workspace_new"), {"name": "x", "slug": "x"}).status_code == 403


def test_somebody_in_many_workspaces_makes_no_more(shop, monkeypatch):
    monkeypatch.setattr("shodaku.console.views.workspace.MEMBERSHIPS_MAX", 1)
    services.join(shop.workspace_id, somebody(Role.OWNER), Role.OWNER, now=NOW)
    answer = at_desk(shop).post(
        url(shop, "workspace_new"), {"name": "x", "slug": f"x-{uuid.uuid4().hex[:6]}"}
    )
    assert answer.status_code == 422


MANY = """
insert into topic
    (workspace_id, slug, name, content, purpose, frequency_max, frequency_per, sender_id, created_at)
select workspace_id, 'many-' || n, 'あ' || n, content, purpose, 1, 'week', sender_id, now()
from topic, generate_series(1, 10000) n where topic_id = %s
"""


def test_ten_thousand_topics_are_paged_and_each_is_on_one_page(shop):
    with db.transaction(shop.workspace_id) as held:
        held.execute(MANY, [shop.topic_id])
    desk, place, seen = at_desk(shop), url(shop, "topics"), []
    for _ in range(3):
        page = desk.get(place)
        rows = page.context["rows"]
        assert len(rows) == PAGE_ROWS
        assert len(page.content) < 200_000
        seen += [row["topic"].topic_id for row in rows]
        place = page.context["more"]
    assert len(set(seen)) == 3 * PAGE_ROWS
    last = desk.get(url(shop, "topics") + f"?after={max(seen) + 10**8}")
    assert last.context["rows"] == []
    for page in ("home", "campaigns", "contacts", "forms"):
        assert desk.get(url(shop, page)).status_code == 200, page


@pytest.mark.parametrize("name", ["山" * 90 + " " + "花" * 90, "محمد عبد الله", "👩‍👩‍👧‍👦 🏳️‍🌈"])
def test_a_contact_with_a_name_that_nobody_expects_is_shown_whole(shop, name):
    contact_id = a_contact(shop, name=name)
    page = text_of(at_desk(shop).get(url(shop, "contact", contact_id)))
    assert all(part in page for part in name.split())
