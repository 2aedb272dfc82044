"""The copy in a column store: the same figures, nothing twice, nothing lost, and nobody who was forgotten."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.parse
import urllib.request
import uuid
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from tests.delivery.mailings import launched, now, rows, wait_until, worker_process
from tests.people import a_reader, a_shop

from shodaku.config import cli
from shodaku.delivery import column_store, copying_out, selectors, services
from shodaku.delivery.column_store import ColumnStore, ColumnStoreAway, ColumnStoreRefused, from_environment
from shodaku.erasure import services as erasures
from shodaku.kit import db, runtime
from shodaku.optout import measuring

pytestmark = pytest.mark.skipif(
    find_spec("chdb") is None,
    reason="chdb is not installed; `make test` does, or pip install -r requirements/columns.txt",
)
SERVER = Path(__file__).with_name("column_server.py")
USER, PASSWORD = "copier", "p@ss word"
OF_SHOP = {
    "hit": "SELECT * FROM hit FINAL WHERE workspace_id = {shop:UInt32} ORDER BY hit_no",
    "feedback": "SELECT * FROM feedback FINAL WHERE workspace_id = {shop:UInt32} ORDER BY feedback_no",
}
COUNTED = "SELECT count() AS rows FROM hit FINAL WHERE workspace_id = {shop:UInt32}"
A_MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Its port; it is started once, for opening the library takes seconds."""
    folder = tmp_path_factory.mktemp("columns")
    port_file = folder / "port"
    command = [sys.executable, SERVER, folder / "data", port_file, USER, PASSWORD]
    process = subprocess.Popen(command)
    try:
        wait_until(port_file.exists, 60)
        yield int(port_file.read_text())
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def columns(server, monkeypatch):
    """What stands in the column store, asked beside the product."""
    login = f"{USER}:{urllib.parse.quote(PASSWORD)}"
    monkeypatch.setenv(column_store.VARIABLE, f"http://{login}@127.0.0.1:{server}/shodaku")

    def ask(statement, **values):
        named = {"database": "shodaku", "default_format": "JSONEachRow", **values}
        asked = urllib.parse.urlencode(named)
        request = urllib.request.Request(
            f"http://127.0.0.1:{server}/?{asked}",
            statement.encode(),
            {"X-ClickHouse-User": USER, "X-ClickHouse-Key": PASSWORD},
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return [json.loads(line) for line in answer.read().splitlines()]

    return ask


@pytest.fixture
def shop(database):
    return a_shop()


def a_hit(database, shop, contact_id, mailing_id, *, link=0, actor="human", connection=None):
    """As the hit book writes it."""
    statement = """insert into hit (workspace_id, contact_id, mailing_id, link, actor, at)
                   values (%s, %s, %s, %s, %s, now()) returning hit_no"""
    values = [shop.workspace_id, contact_id, mailing_id, link, actor]
    if connection is not None:
        return connection.execute(statement, values).fetchone()[0]
    with in_shop(database, shop) as own:
        return own.execute(statement, values).fetchone()[0]


def in_shop(database, shop):
    connection = psycopg.connect(database.application)
    connection.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
    return connection


def a_report(shop, contact_id, mailing_id, kind="hard", status="5.1.1"):
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "insert into feedback (workspace_id, contact_id, kind, status, mailing_id, at)"
            " values (%s, %s, %s, %s, %s, now())",
            [shop.workspace_id, contact_id, kind, status, mailing_id],
        )


def copied(shop, later=timedelta(0)):
    return services.copy_out(shop.workspace_id, now=now() + later)


def of_shop(columns, shop, table="hit"):
    return columns(OF_SHOP[table], param_shop=shop.workspace_id)


def waits(database, shop):
    return rows(database, shop, "select contact_id, hits_only from forget_out")


def test_the_copy_counts_as_the_database_does_however_often_it_is_made(database, shop, columns):
    first, second = a_reader(shop), a_reader(shop)
    mailing_id = launched(shop, [first, second])
    clicks = [(first, 0, "human"), (first, 0, "human"), (second, 0, "human"), (second, 1, "bot")]
    for person, link, actor in [*clicks, (first, -1, "human")]:
        a_hit(database, shop, person, mailing_id, link=link, actor=actor)
    a_report(shop, first, mailing_id)
    a_report(shop, second, mailing_id, "complaint", "abuse")
    for round_ in range(3):
        copied(shop, round_ * A_MINUTE)
    found = selectors.copied_figures(shop.workspace_id, mailing_id)
    counted = rows(
        database,
        shop,
        "select link, count(distinct contact_id) filter (where actor = 'human'),"
        " count(*) filter (where actor = 'human'), count(*) filter (where actor <> 'human')"
        " from hit group by link order by link",
    )
    assert [tuple(each.values()) for each in found["links"]] == counted
    assert found["kinds"] == [
        {"kind": "complaint", "reports": 1, "people": 1},
        {"kind": "hard", "reports": 1, "people": 1},
    ]
    assert copied(shop, 5 * A_MINUTE).rows == {"hit": 0, "feedback": 0}, "what settled is not sent again"


def test_nothing_of_a_person_leaves_but_numbers(database, shop, columns):
    reader = a_reader(shop, "hanako@example.jp", name="山田 花子")
    mailing_id = launched(shop, [reader])
    hit_no = a_hit(database, shop, reader, mailing_id)
    a_report(shop, reader, mailing_id)
    copied(shop)
    (hit,), (report,) = of_shop(columns, shop), of_shop(columns, shop, "feedback")
    named = {"workspace_id": shop.workspace_id, "contact_id": reader, "mailing_id": mailing_id}
    assert {key: value for key, value in hit.items() if key != "at"} == {
        **named, "hit_no": hit_no, "link": 0, "actor": "human"
    }  # fmt: skip
    assert {*report} == {*named, "feedback_no", "kind", "status", "at"}


def test_a_copy_that_was_cut_off_before_it_was_noted_is_made_again_and_counts_once(
    database, shop, columns, monkeypatch
):
    reader = a_reader(shop)
    mailing_id = launched(shop, [reader])
    for _ in range(3):
        a_hit(database, shop, reader, mailing_id)
    put = ColumnStore.put

    def killed(self, name, batch):
        put(self, name, batch)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ColumnStore, "put", killed)
        with pytest.raises(KeyboardInterrupt):
            copied(shop)
    assert selectors.copy_state(shop.workspace_id).hits is None
    copied(shop)
    assert len(of_shop(columns, shop)) == 3
    assert selectors.copy_state(shop.workspace_id).behind is False


def test_kill_9_in_the_middle_of_a_copy_loses_no_row_and_counts_none_twice(database, shop, columns, tmp_path):
    many = 12 * copying_out.ROWS_AT_ONCE
    reader = a_reader(shop)
    mailing_id = launched(shop, [reader])
    with in_shop(database, shop) as connection:
        connection.execute(
            "insert into hit (workspace_id, contact_id, mailing_id, link, actor, at)"
            " select %s, %s, %s, 0, 'human', now() + n * interval '1 second' from generate_series(1, %s) n",
            [shop.workspace_id, reader, mailing_id, many],
        )
    here = runtime.current()
    environment = {
        **os.environ,
        "SHODAKU_HOME": str(tmp_path),
        "SHODAKU_KEYS": str(here.keys),
        "SHODAKU_DATABASE_URL": database.application,
        "SHODAKU_OWNER_URL": database.owner,
        "SHODAKU_VAULT_URL": database.vault,
    }
    command = [sys.executable, "-m", "shodaku", "columns", "run", "--workspace", shop.slug]
    copier = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: counted(columns, shop) > 0 or copier.poll() is not None)
    finally:
        copier.kill()
        copier.wait()
    assert 0 < counted(columns, shop) <= many
    copied(shop)
    assert counted(columns, shop) == many
    (link,) = selectors.copied_figures(shop.workspace_id, mailing_id)["links"]
    assert (link["people"], link["clicks"]) == (1, many)


def counted(columns, shop):
    if not columns("EXISTS TABLE hit")[0]["result"]:
        return 0
    return columns(COUNTED, param_shop=shop.workspace_id)[0]["rows"]


def test_a_row_that_commits_behind_later_ones_is_not_lost(database, shop, columns):
    reader = a_reader(shop)
    mailing_id = launched(shop, [reader])
    with in_shop(database, shop) as slow:
        early = a_hit(database, shop, reader, mailing_id, connection=slow)
        later = a_hit(database, shop, reader, mailing_id)
        for round_ in range(3):
            copied(shop, round_ * A_MINUTE)
        assert [each["hit_no"] for each in of_shop(columns, shop)] == [later]
    copied(shop, 4 * A_MINUTE)
    assert [each["hit_no"] for each in of_shop(columns, shop)] == [early, later]


def test_who_is_erased_is_forgotten_there_too_and_a_late_copy_brings_nobody_back(
    database, shop, columns, monkeypatch
):
    gone, stays = a_reader(shop), a_reader(shop)
    mailing_id = launched(shop, [gone, stays])
    for person in (gone, stays):
        a_hit(database, shop, person, mailing_id)
        a_report(shop, person, mailing_id)
    copied(shop)
    sent = []
    with monkeypatch.context() as patched:
        patched.setattr(ColumnStore, "put", lambda _, name, batch: sent.append((name, batch)))
        copied(shop)
    erased(shop, gone)
    assert waits(database, shop) == [(gone, False)]
    assert copied(shop).forgotten == 1
    assert people(columns, shop) == {stays}
    for name, batch in sent:  # a copier that stood still in the middle wakes up
        column_store.required().put(name, batch)
    assert people(columns, shop) == {gone, stays}
    copied(shop, copying_out.AGAIN_AFTER + A_MINUTE)
    assert people(columns, shop) == {stays}
    assert waits(database, shop) == [], "nothing here remembers the person either"


def erased(shop, contact_id):
    with db.transaction(shop.workspace_id):
        erasure_id = erasures.request(
            shop.workspace_id, contact_id, rule="ERASED", receipt="R-1", now=now() - timedelta(hours=1)
        )
    erasures.forget(shop.workspace_id, erasure_id, now=now(), event_id=uuid.uuid4())


def people(columns, shop):
    return {each["contact_id"] for table in copying_out.TABLES for each in of_shop(columns, shop, table)}


def test_while_the_column_store_is_away_people_are_forgotten_here_and_there_when_it_is_back(
    database, shop, columns, monkeypatch, capsys
):
    gone = a_reader(shop)
    mailing_id = launched(shop, [gone])
    a_hit(database, shop, gone, mailing_id)
    copied(shop)
    with monkeypatch.context() as patched:
        patched.setenv(column_store.VARIABLE, "http://127.0.0.1:9/shodaku")
        erased(shop, gone)
        assert rows(database, shop, "select count(*) from hit") == [(0,)]
        with pytest.raises(ColumnStoreAway):
            copied(shop)
    rows(database, shop, "update forget_out set asked_at = now() - interval '2 days' returning 1")
    cli.main(["doctor"])
    assert "MEND  column store: 1 people are to be forgotten there" in capsys.readouterr().out
    assert copied(shop).forgotten == 1
    assert people(columns, shop) == set()


def test_who_does_not_want_to_be_measured_any_more_is_not_in_the_copy_of_clicks(database, shop, columns):
    reader = a_reader(shop)
    mailing_id = launched(shop, [reader])
    a_hit(database, shop, reader, mailing_id)
    a_report(shop, reader, mailing_id)
    copied(shop)
    with db.transaction(shop.workspace_id):
        services.forget_hits(reader)
    copied(shop)
    assert (len(of_shop(columns, shop)), len(of_shop(columns, shop, "feedback"))) == (0, 1)


def test_a_wrong_password_is_said_and_nothing_is_noted(database, shop, columns, server, monkeypatch):
    reader = a_reader(shop)
    a_hit(database, shop, reader, launched(shop, [reader]))
    monkeypatch.setenv(column_store.VARIABLE, f"http://{USER}:wrong@127.0.0.1:{server}/shodaku")
    with pytest.raises(ColumnStoreRefused) as refused:
        copied(shop)
    assert "wrong" not in str(refused.value) + refused.value.hint
    assert selectors.copy_state(shop.workspace_id).hits is None


def test_the_chore_worker_copies_what_its_job_says(database, shop, columns, tmp_path):
    reader = a_reader(shop)
    a_hit(database, shop, reader, launched(shop, [reader]))
    services.defer_copy(shop.workspace_id)
    services.defer_copy(shop.workspace_id)  # one waits at most
    jobs = "select count(*) from procrastinate_jobs where task_name = 'delivery.copy_out'"
    assert rows(database, shop, f"{jobs} and (args ->> 'workspace_id')::int = %(workspace)s") == [(1,)]
    with worker_process(database, tmp_path, plane="chore"):
        wait_until(lambda: not selectors.copy_state(shop.workspace_id).behind)
    assert len(of_shop(columns, shop)) == 1


def test_without_a_column_store_nothing_is_asked_and_no_job_waits(database, shop, monkeypatch):
    monkeypatch.delenv(column_store.VARIABLE, raising=False)
    reader = a_reader(shop)
    services.defer_copy(shop.workspace_id)
    erased(shop, reader)
    assert waits(database, shop) == []
    jobs = "select count(*) from procrastinate_jobs where task_name = 'delivery.copy_out'"
    assert rows(database, shop, f"{jobs} and (args ->> 'workspace_id')::int = %(workspace)s") == [(0,)]


def test_the_command_tells_copies_and_ends(database, shop, columns, capsys):
    reader = a_reader(shop)
    a_hit(database, shop, reader, launched(shop, [reader]))
    named = ["--workspace", shop.slug, "--json"]
    told = []
    for verb in ("run", "status"):
        assert cli.main(["columns", verb, *named]) == 0
        told.append(json.loads(capsys.readouterr().out.splitlines()[-1]))
    assert told[0] == {"forgotten": 0, "rows": {"hit": 1, "feedback": 0}}
    assert (told[1]["behind"], told[1]["to_forget"]) == (False, 0)
    assert cli.main(["columns", "figures", *named]) == 2
    assert cli.main(["columns", "end"]) == 2
    assert cli.main(["columns", "end", "--yes"]) == 0
    assert columns("SHOW TABLES") == []
    assert selectors.copy_state(shop.workspace_id).hits is None
    capsys.readouterr()


@pytest.mark.parametrize(
    "address",
    [
        "clickhouse://127.0.0.1/shodaku",
        "http://127.0.0.1",
        "http://127.0.0.1:99999/shodaku",
        "http://127.0.0.1/a;b",
        "http://127.0.0.1/shodaku?query=x",
        "http://user:pass%0Aword@127.0.0.1/shodaku",
        "http:///shodaku",
    ],
)
def test_an_address_of_another_form_is_refused_without_repeating_it(address):
    with pytest.raises(column_store.ColumnStoreUrlFault) as fault:
        from_environment({column_store.VARIABLE: address})
    assert fault.value.hint == ""


def test_user_and_password_are_taken_out_of_the_address():
    store = from_environment({column_store.VARIABLE: "https://a:b%40c@columns.example/shodaku"})
    where = SimpleNamespace(scheme="https", host="columns.example", port=443, path="/")
    assert (store.user, store.password, store.database) == ("a", "b@c", "shodaku")
    assert vars(where) == {name: getattr(store.where, name) for name in vars(where)}


def test_a_send_worker_does_not_even_load_it():
    script = (
        "import sys, shodaku.delivery.worker\n"
        "sys.exit(any('column_store' in name or 'copying_out' in name for name in sys.modules))"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(column_store.__file__).parents[2])}
    assert subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode == 0


def test_measuring_is_withdrawn_by_the_door_that_forgets():
    """The page's own service calls what asks the copy to forget; a second way would be a way around it."""
    assert measuring.delivery.forget_hits is services.forget_hits
