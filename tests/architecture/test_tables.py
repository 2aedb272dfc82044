"""Who owns which table, what guards it, and that nothing personal is forgotten when a person is forgotten."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

import shodaku
from shodaku.config.databases import unguarded_tables
from shodaku.erasure import services as erasure
from shodaku.kit import db

HOUSE = Path(shodaku.__file__).parent
WRITES = re.compile(r"\b(?:insert\s+into|update|delete\s+from)\s+(?:only\s+)?([a-z_]+)", re.IGNORECASE)
CREATES = re.compile(r"^create table ([a-z_]+)", re.IGNORECASE | re.MULTILINE)
VAULT = ("person_key", "hold_key", "ended_epoch", "key_rotation", "rewrapped")  # a database of its own
# ON CONFLICT DO UPDATE SET, FOR UPDATE OF, FOR UPDATE SKIP LOCKED, AFTER UPDATE ON
NO_TABLE = {"set", "of", "skip", "nowait", "on"}


def owners():
    return {
        table: file.parts[-3]
        for file in HOUSE.glob("*/migrations/*.sql")
        for table in CREATES.findall(file.read_text(encoding="utf-8"))
    } | dict.fromkeys(VAULT, "ledger")


def without_comments(text):
    return re.sub(r"--[^\n]*", "", text)


def test_a_table_is_written_by_its_own_room_alone():
    owner = owners()
    trespass = [
        f"{file.relative_to(HOUSE)} writes {table} of {owner.get(table)}"
        for file in HOUSE.glob("*/sql/*.sql")
        for table in WRITES.findall(without_comments(file.read_text(encoding="utf-8")))
        if table.lower() not in NO_TABLE and owner.get(table.lower()) != file.parts[-3]
    ]
    assert trespass == []


def test_each_statement_says_what_it_is_for():
    silent = [
        str(file.relative_to(HOUSE))
        for file in HOUSE.glob("*/sql/*.sql")
        if not file.read_text(encoding="utf-8").startswith("-- ")
    ]
    assert silent == []


def test_a_value_never_becomes_sql():
    """Statements are files; Python composes marked conditions, identifiers and ints, nothing else."""
    formatted = [
        f"{file.relative_to(HOUSE)}:{number}"
        for file in HOUSE.glob("**/*.py")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"""execute\(\s*f["']""", line)
    ]
    assert formatted == []


@pytest.mark.usefixtures("database")
def test_every_table_with_a_workspace_forces_its_policy():
    assert unguarded_tables() == []


def test_the_application_owns_nothing_and_passes_no_policy(database):
    with psycopg.connect(database.application) as connection:
        owned, bypass, superuser = connection.execute(
            "select (select count(*) from pg_class where relowner = r.oid), rolbypassrls, rolsuper "
            "from pg_roles r where rolname = current_user"
        ).fetchone()
    assert (owned, bypass, superuser) == (0, False, False)


def test_without_a_workspace_no_row_of_any_workspace_is_seen(database):
    from tests.people import a_reader, a_shop

    a_reader(a_shop())
    with psycopg.connect(database.application) as connection:
        tables = [row[0] for row in connection.execute(PERSONAL_TABLES).fetchall()]
        seen = {
            table: connection.execute(
                sql.SQL("select count(*) from {}").format(sql.Identifier(table))
            ).fetchone()[0]
            for table in tables
        }
    assert {table: count for table, count in seen.items() if count} == {}


PERSONAL_TABLES = """
select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id'
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  and not c.relispartition and c.relname <> 'workspace'
order by 1
"""
PERSONAL_COLUMNS = """
select distinct c.relname from pg_description d join pg_class c on c.oid = d.objoid
where d.description = 'personal' and d.classoid = 'pg_class'::regclass
  and c.relnamespace = 'public'::regnamespace
"""


# a room above erasure cannot be called by it: there the database takes the person out when the contact goes
EMPTIED = """
select r.relname from pg_constraint k join pg_class r on r.oid = k.conrelid
join pg_class c on c.oid = k.confrelid and c.relname = 'contact'
where k.contype = 'f' and k.confdeltype = 'n'
  and k.confdelsetcols = (select array_agg(a.attnum) from pg_attribute a
                          where a.attrelid = r.oid and a.attname = 'contact_id')
"""


def emptied(database):
    with psycopg.connect(database.owner) as connection:
        return {row[0] for row in connection.execute(EMPTIED).fetchall()}


PERSONAL_COLUMNS_BY_NAME = """
select c.relname, a.attname from pg_description d join pg_class c on c.oid = d.objoid
join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid
where d.description = 'personal' and d.classoid = 'pg_class'::regclass
  and c.relnamespace = 'public'::regnamespace
"""


def test_every_column_marked_personal_stands_in_a_table_that_erasure_purges(database):
    with psycopg.connect(database.owner) as connection:
        marked = {row[0] for row in connection.execute(PERSONAL_COLUMNS).fetchall()}
    purged = {room.__name__.split(".")[1] for room in erasure.ROOMS}
    assert marked
    assert {owners()[table] for table in marked - emptied(database)} <= purged


def test_what_the_database_empties_by_itself_names_a_person_by_number_alone(database):
    with psycopg.connect(database.owner) as connection:
        columns = connection.execute(PERSONAL_COLUMNS_BY_NAME).fetchall()
    assert emptied(database) == {"bulk_person", "complaint_case", "data_request"}
    assert {column for table, column in columns if table in emptied(database)} == {"contact_id"}


def test_every_table_that_names_a_person_belongs_to_a_room_that_forgets(database):
    with db.transaction(None) as connection:
        named = [
            row[0] for row in connection.execute(db.sql("shodaku.erasure", "list_personal_tables")).fetchall()
        ]
    purged = {room.__name__.split(".")[1] for room in erasure.ROOMS}
    assert {owners()[table] for table in set(named) - emptied(database)} <= purged


WORDS_IN_STATISTICS = """
select c.relname, a.attname from pg_description d join pg_class c on c.oid = d.objoid
join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid
where d.description = 'personal' and d.classoid = 'pg_class'::regclass
  and c.relnamespace = 'public'::regnamespace
  and a.atttypid in ('text'::regtype, 'jsonb'::regtype) and a.attstattarget is distinct from 0
"""
# of few possible values, or without a word about a person: replies of servers are kept without addresses
CODES = {
    ("address", "invalid_reason"),
    ("basis", "kind"),
    ("consent", "earlier"),
    ("consent", "state"),
    ("consent", "terms"),
    ("consent_event", "method"),
    ("consent_event", "terms"),
    ("contact", "country"),
    ("contact", "kind"),
    ("contact", "locale"),
    ("contact", "timezone"),
    ("delivery", "reason"),
    ("delivery", "reply"),
    ("bounce_ended", "channel"),
    ("early_bounce", "channel"),
    ("early_bounce", "status"),
    ("feedback", "kind"),
    ("feedback", "status"),
    ("hit", "actor"),
    ("import_row", "reason"),
    ("inbound_message", "via"),
    ("ledger_file", "sha256"),
    ("preflight_member", "reason"),
    ("reconfirmation", "locale"),
    ("refusal", "scope"),
    ("refusal", "via"),
    ("signup_request", "locale"),
    ("uncertain_choice", "choice"),
}


BYTES_IN_STATISTICS = """
select c.relname, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0
  and a.atttypid = 'bytea'::regtype and a.attstattarget is distinct from 0
"""


def test_the_planner_keeps_no_example_of_a_key_or_of_what_a_lasting_key_opens(database):
    with psycopg.connect(database.vault) as vault:
        assert vault.execute(BYTES_IN_STATISTICS).fetchall() == []
    with psycopg.connect(database.owner) as owner:
        found = set(owner.execute(BYTES_IN_STATISTICS).fetchall())
    assert not found & {("dkim_key", "wrapped"), ("ledger_waiting", "body")}


def test_the_planner_keeps_no_example_of_what_people_are_called_or_wrote(database):
    """ANALYZE would copy names and addresses into pg_statistic, which no erasure reaches."""
    with psycopg.connect(database.owner) as connection:
        assert set(connection.execute(WORDS_IN_STATISTICS).fetchall()) == CODES
