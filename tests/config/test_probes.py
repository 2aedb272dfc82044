"""What monitoring asks: nothing about anybody, nothing to strangers, and the truth."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.test import Client
from tests.delivery.mailings import launched
from tests.people import a_reader, a_shop

from shodaku.accounts import selectors as accounts
from shodaku.config import metrics, probes
from shodaku.delivery import services as delivery
from shodaku.delivery.sources import UNPROVED_MAX
from shodaku.kit import clock
from shodaku.ledger import services as ledger
from shodaku.suppression import services as suppression
from shodaku.suppression.services import FenceReason

TOKEN = "a-long-secret"
LINE = re.compile(r'(\w+)(?:\{((?:\w+="(?:[^"\\]|\\["\\n])*",?)*)\})? (-?[0-9.e+]+)')
DASHBOARD = Path(__file__).parents[2] / "docs/monitoring/grafana.json"


@pytest.fixture(autouse=True)
def token(database, monkeypatch):
    monkeypatch.setenv("SHODAKU_METRICS_TOKEN", TOKEN)


def told(shop=None):
    """Name and labels (but the workspace's, of one shop) -> figure."""
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    found = {}
    for line in answer.content.decode().splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = LINE.fullmatch(line).groups()
        named = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or ""))
        if shop is None or named.pop("workspace", shop.slug) == shop.slug:
            found[name, *sorted(named.items())] = float(value)
    return found


@pytest.fixture
def small(monkeypatch):
    """The database of the tests has more workspaces than are told of one by one."""

    def only(shop):
        everybody = accounts.workspaces()
        monkeypatch.setattr(
            metrics.accounts,
            "workspaces",
            lambda: [each for each in everybody if each.workspace_id == shop.workspace_id],
        )
        return shop

    return only


@pytest.mark.parametrize("given", [None, "", "Bearer ", "Bearer wrong", TOKEN[:-1], f"Bearer {TOKEN}x"])
def test_who_does_not_have_the_token_sees_no_such_page(given):
    headers = {} if given is None else {"Authorization": given}
    assert Client().get("/metrics", headers=headers).status_code == 404


def test_where_no_token_is_set_there_is_no_such_page(monkeypatch):
    monkeypatch.delenv("SHODAKU_METRICS_TOKEN")
    assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_every_line_is_in_the_text_format_and_every_figure_is_explained(small):
    shop = small(a_shop())
    launched(shop, [a_reader(shop)])
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = answer.content.decode().split("# HELP ")
    assert families[0] == ""
    for family in families[1:]:
        name = family.split(" ", 1)[0]
        help_, type_, *lines = family.splitlines()
        assert (help_, type_) == (f"{name} {metrics.HELP[name]}", f"# TYPE {name} gauge")
        assert lines
        assert all(LINE.fullmatch(line)[1] == name for line in lines), family
        assert len({line.rsplit(" ", 1)[0] for line in lines}) == len(lines), "a series is told once"


def test_it_names_nobody(small):
    shop = small(a_shop())
    reader = a_reader(shop, name="Canarypersonne")
    launched(shop, [reader])
    body = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content
    assert b"@" not in body
    assert b"Canary" not in body


def test_a_campaign_is_told_while_it_is_not_ended(small):
    shop = small(a_shop())
    mailing_id = launched(shop, [a_reader(shop), a_reader(shop)])
    campaign = ("campaign", str(mailing_id))
    found = told(shop)
    assert found["shodaku_campaign_people", campaign, ("outcome", "waiting")] == 2
    assert found["shodaku_campaign_paused", campaign] == 0
    with psycopg.connect(_owner()) as owner:
        owner.execute("alter table mailing no force row level security")
        owner.execute("update mailing set state = 'done' where mailing_id = %s", [mailing_id])
        owner.execute("alter table mailing force row level security")
    assert not any(campaign in key for key in told(shop))


def test_the_rate_of_a_running_campaign_and_its_end_are_told_once_it_moves(small):
    shop = small(a_shop())
    mailing_id = launched(shop, [a_reader(shop), a_reader(shop), a_reader(shop), a_reader(shop)])
    campaign = ("campaign", str(mailing_id))
    assert ("shodaku_campaign_per_second", campaign) not in told(shop), "nothing has left yet"
    with psycopg.connect(_owner()) as owner:
        owner.execute("alter table chunk no force row level security")
        owner.execute(
            "update chunk set accepted = 2, contact_ids = contact_ids[1:2] where mailing_id = %s",
            [mailing_id],
        )
        owner.execute("alter table chunk force row level security")
    found, now = told(shop), clock.now().timestamp()
    assert found["shodaku_campaign_per_second", campaign] > 0
    assert found["shodaku_campaign_ends_timestamp_seconds", campaign] > now - 1


def test_a_machine_that_is_not_believed_is_counted(small):
    shop = small(a_shop())
    assert told(shop)["shodaku_bounce_sources_quarantined",] == 0
    for _ in range(UNPROVED_MAX + 1):
        delivery.note_unproved(shop.workspace_id, "198.18.0.66", now=clock.now())
    assert told(shop)["shodaku_bounce_sources_quarantined",] == 1


def test_a_shut_gate_is_seen_and_the_server_stays_ready_to_hear_a_no(small):
    small(a_shop())
    assert told()["shodaku_gate_open",] == 1
    suppression.close_fence(FenceReason.RESTORED)
    try:
        assert told()["shodaku_gate_open",] == 0
        assert Client().get("/ready").content == b"ready"
    finally:
        suppression.open_fence()


def test_entries_that_wait_and_the_last_audit_are_told(small):
    shop = small(a_shop())
    a_reader(shop)
    before = told(shop)
    assert before["shodaku_ledger_entries_waiting",] > 0
    assert ("shodaku_ledger_agrees",) not in before, "nobody has looked yet"
    now = clock.now()
    ledger.sequence_all(shop.workspace_id, now=now)
    ledger.audit(shop.workspace_id, now=now - timedelta(minutes=5))
    after = told(shop)
    assert after["shodaku_ledger_entries_waiting",] == 0
    assert after["shodaku_ledger_entries",] >= before["shodaku_ledger_entries_waiting",]
    assert after["shodaku_ledger_agrees",] == 1
    assert 300 <= after["shodaku_ledger_audit_age_seconds",] < 600


@pytest.mark.parametrize("odd", ['a"b', "a\\b", "a\nb"])
def test_no_name_breaks_a_line(odd):
    line = metrics._line(metrics.Sample("shodaku_jobs", 1.0, {"queue": odd}))
    assert LINE.fullmatch(line), line


def test_ready_names_what_is_missing_and_nothing_else(monkeypatch):
    answer = Client().get("/ready")
    assert (answer.status_code, answer.content) == (200, b"ready")

    def away():
        raise psycopg.OperationalError("host=db.example user=secret")

    monkeypatch.setitem(probes._LOOKS, "database", away)
    monkeypatch.setattr(probes, "FREE_BYTES_MIN", 10**18)
    answer = Client().get("/ready")
    assert (answer.status_code, answer.content) == (503, b"database\njournal")


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
def test_probes_take_no_posts(path):
    assert Client().post(path, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 405


def test_the_dashboard_asks_for_figures_that_there_are():
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    asked = [target["expr"] for panel in panels for target in panel["targets"]]
    names = {name for expression in asked for name in re.findall(r"shodaku_\w+", expression)}
    assert names <= set(metrics.HELP)
    assert len(names) >= 12


def _owner():
    from django.conf import settings

    return settings.OWNER_URL
