"""What would have to change before the tables lie on several servers; and the keys, which need not."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from importlib.resources import files

import psycopg
import pytest

from shodaku.config import cli, databases
from shodaku.config.sharding import Kind, Obstacle, Place, Reference, Table, obstacles, place_of

OF_THE_GATE = (
    "lock_contacts", "list_existing", "read_facts", "get_gate_state", "get_mailing", "insert_accepted",
    "insert_outcomes",
)  # fmt: skip
NAMED = re.compile(r"\b(?:from|join|into|update) ([a-z_]+)")
NO_TABLES = {"lateral", "unnest"}
# the decision record says the same; who removes one of them, or adds one, tells it there
STANDING = {
    Kind.TRIGGER: {"address", "address_claim", "suppression"},
    Kind.IDENTITY: {"workspace", "sender", "topic", "wording", "mailing", "suppression_block"},
    Kind.FOREIGN_KEY: {
        "app_act",
        "bounce_ended",
        "bulk_person",
        "complaint_case",
        "data_request",
        "inbound_message",
        "ledger_file",
        "paper_sheet",
        "purchase",
        "same_person",
        "signup_request",
        "uncertain_choice",
    },
}
PERSONS = Table(
    "consent",
    keys=(("workspace_id", "contact_id", "topic_id"),),
    references=(Reference(("workspace_id", "contact_id"), "contact", ("workspace_id", "contact_id")),),
)


def test_every_key_of_a_table_about_a_person_holds_the_person(database):
    """A law of the schema since its first day: a key without it could not be kept over servers."""
    found = obstacles(databases.described_tables())
    assert [each for each in found if each.kind is Kind.KEY] == []


def test_what_stands_against_it_is_what_is_written_down(database):
    found = obstacles(databases.described_tables())
    kinds = {each.kind for each in found}
    assert {kind: {each.table for each in found if each.kind is kind} for kind in kinds} == STANDING


def test_the_gate_reads_and_writes_nothing_that_would_stay_on_the_coordinator():
    folder = files("shodaku.delivery") / "sql"
    tables = {
        name
        for each in OF_THE_GATE
        for line in (folder / f"{each}.sql").read_text(encoding="utf-8").splitlines()
        if not line.startswith("--")
        for name in NAMED.findall(line)
    } - NO_TABLES
    assert {"contact", "delivery", "suppression", "workspace"} <= tables
    assert {name for name in tables if place_of(name) is Place.COORDINATOR} == set()


def test_a_table_that_is_well_made_has_nothing_against_it():
    everywhere = Reference(("workspace_id",), "workspace", ("workspace_id",))
    assert obstacles([replace(PERSONS, references=(*PERSONS.references, everywhere))]) == []


@pytest.mark.parametrize(
    ("table", "kind", "what"),
    [
        (
            replace(PERSONS, keys=(*PERSONS.keys, ("workspace_id", "event_id"))),
            Kind.KEY,
            "workspace_id, event_id",
        ),
        (replace(PERSONS, triggers=("stamp",)), Kind.TRIGGER, "stamp"),
        (Table("suppression", triggers=("stamp",)), Kind.TRIGGER, "stamp"),
        (Table("topic", narrow_identities=("topic_id",)), Kind.IDENTITY, "topic_id"),
        (  # to another person's piece
            replace(PERSONS, references=(Reference(("other_id",), "contact", ("contact_id",)),)),
            Kind.FOREIGN_KEY,
            "contact",
        ),
        (  # from one of all servers to one
            replace(PERSONS, references=(Reference(("entry_id",), "ledger_entry", ("entry_id",)),)),
            Kind.FOREIGN_KEY,
            "ledger_entry",
        ),
        (Table("complaint", references=PERSONS.references), Kind.FOREIGN_KEY, "contact"),
        (Table("topic", references=PERSONS.references), Kind.FOREIGN_KEY, "contact"),
    ],
)
def test_each_obstacle_is_seen(table, kind, what):
    assert obstacles([table]) == [Obstacle(table.name, kind, what)]


@pytest.mark.parametrize(
    "table",
    [
        Table(
            "ledger_entry", keys=(("entry_id",),), triggers=("append_only",), narrow_identities=("entry_id",)
        ),
        Table("complaint", references=(Reference(("workspace_id",), "workspace", ("workspace_id",)),)),
        Table("topic", keys=(("workspace_id", "slug"),)),
    ],
)
def test_what_stays_where_it_is_or_is_everywhere_may_have_any_key(table):
    assert obstacles([table]) == []


def test_the_command_lists_them_and_changes_nothing(database, capsys):
    assert cli.main(["shards", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert {"table": "workspace", "kind": "identity", "what": "workspace_id"} in told["obstacles"]
    assert (told["places"]["contact"], told["places"]["suppression"], told["places"]["chunk"]) == (
        "distributed", "reference", "coordinator"
    )  # fmt: skip
    assert cli.main(["shards"]) == 1
    assert "address, distributed: trigger (address_pepper)" in capsys.readouterr().out


CITUS = os.environ.get("SHODAKU_TEST_CITUS_URL", "")
REFUSED = {
    Kind.KEY: (
        "create table t (contact_id bigint, event_id int unique)",
        "create_distributed_table('t', 'contact_id')",
    ),
    Kind.IDENTITY: ("create table t (n int generated always as identity)", "create_reference_table('t')"),
    Kind.FOREIGN_KEY: (
        "create table other (n int primary key); create table t (contact_id bigint, n int references other)",
        "create_distributed_table('t', 'contact_id')",
    ),
    Kind.TRIGGER: (
        """create table t (contact_id bigint); create trigger g before update on t
           for each row execute function suppress_redundant_updates_trigger()""",
        "create_distributed_table('t', 'contact_id')",
    ),
}


@pytest.mark.skipif(not CITUS, reason="no server of Citus: SHODAKU_TEST_CITUS_URL names none")
@pytest.mark.parametrize("kind", list(REFUSED), ids=str)
def test_citus_itself_refuses_what_is_said_to_stand_against_it(kind):
    """Nothing stays: the transaction is taken back."""
    make, spread = REFUSED[kind]
    with psycopg.connect(CITUS) as server:
        server.execute("create schema of_a_test; set local search_path = of_a_test, public")
        server.execute(make)
        with pytest.raises(psycopg.Error):
            server.execute(f"select {spread}")
        server.rollback()
