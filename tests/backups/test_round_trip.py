"""What a backup holds is what was there, row by row; what does not fit changes nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from pyrage import x25519
from tests.backups.copies import identities, ring, rows_of_everything, run
from tests.conftest import HOME
from tests.people import a_reader, a_shop
from tests.sendings import sent

from shodaku.backups import archive, catalogue, encryption, services
from shodaku.backups.domain import Member
from shodaku.campaigns import services as campaigns
from shodaku.campaigns.domain import NewCampaign
from shodaku.content.domain import FILE_BYTES_MAX, MailFile
from shodaku.kit import clock, db, keys, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.suppression.services import WrongPepper

ODD = "タロウ\\N \\. \t\n\r\v \\\\ 😀 ' \" $$ --"


def backed_up(database, file, **more):
    with psycopg.connect(database.owner, autocommit=True) as owner:
        return services.back_up(
            owner,
            file,
            more.pop("to", [encryption.own_recipient(ring())]),
            now=clock.now(),
            keys=0,
            **more,
        )


def loaded(elsewhere, file, **more):
    with elsewhere.owner() as owner:
        return services.load(owner, file, more.pop("who", identities()), ring(), replace=True, **more)


@pytest.fixture(scope="module")
def shop(database):
    """With a row of every kind that is written differently: bytes, JSON, arrays, NULL, partitions."""
    shop = a_shop()
    people = [a_reader(shop) for _ in range(3)]
    now = clock.now()
    for weeks in (0, 1, 60):
        sent(shop, people[0], now - timedelta(weeks=weeks))
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update contact set company = %s, attributes = %s, kana = null where contact_id = %s",
            [ODD, json.dumps({"色": ["赤", None, 1.5, ODD]}), people[1]],
        )
        connection.execute(
            "insert into sealed (workspace_id, hold_id, lookups, body, last_sent_at, destroy_after)"
            " values (%s, gen_random_uuid(), %s, %s, now(), now())",
            [shop.workspace_id, [os.urandom(32), b"\n\t\\\0"], bytes(range(256)) * 300],
        )
    letter = NewCampaign(name="冬", topic_id=shop.topic_id, subject="冬")
    largest = MailFile("冬.pdf", "application/pdf", os.urandom(FILE_BYTES_MAX))
    campaigns.create(shop.workspace_id, letter, staff_id=None, now=now, added=[largest])
    return shop


@pytest.fixture(scope="module")
def backup(database, shop, tmp_path_factory):
    file = tmp_path_factory.mktemp("backup") / "all.age"
    backed_up(database, file)
    return file


def test_every_row_of_every_table_comes_back_as_it_was(database, elsewhere, backup, shop):
    before = rows_of_everything(database.owner)
    loaded(elsewhere, backup)
    after = rows_of_everything(elsewhere.databases.owner)
    assert {place for place in before if before[place] != after.get(place)} == set()
    assert before.keys() == after.keys()
    assert before["delivery", shop.workspace_id] != [b""]
    assert any("タロウ".encode() in row for row in before["contact", shop.workspace_id])
    assert max(map(len, before["carried_file", shop.workspace_id])) > 2 * FILE_BYTES_MAX
    assert before["campaign_file", shop.workspace_id] != [b""]


def everything(elsewhere):
    return rows_of_everything(elsewhere.databases.owner)


def test_the_rules_of_the_tables_are_as_before(elsewhere, backup):
    loaded(elsewhere, backup)
    with elsewhere.owner() as owner:
        unguarded = owner.execute(db.sql("shodaku.config", "unguarded")).fetchall()
        resting = owner.execute(
            "select tgrelid::regclass from pg_trigger where not tgisinternal and tgenabled <> 'O'"
        ).fetchall()
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner.execute("truncate ledger_entry cascade")
    assert (unguarded, resting) == ([], [])


def test_no_number_is_given_a_second_time(database, elsewhere, backup):
    opened = loaded(elsewhere, backup)
    with elsewhere.owner() as owner:
        for each in catalogue.sequences(owner, [*opened.manifest.tables]):
            assert each.last >= opened.manifest.sequences[each.name] + 10_000, each
    assert opened.manifest.sequences["contact_id_seq"] > 0
    assert "procrastinate_events_id_seq" not in opened.manifest.sequences


def test_the_gate_is_shut_in_the_same_transaction_and_knows_which_journals_it_needs(elsewhere, backup):
    opened = loaded(elsewhere, backup)
    with elsewhere.owner() as owner:
        assert owner.execute("select state, reason from fence").fetchone() == ("closed", "restored")
        kept = owner.execute("select host, seq from restored_position").fetchall()
    assert kept == [(each.host, each.seq) for each in opened.manifest.journal]


def test_jobs_that_no_sweep_would_make_again_come_along_and_others_do_not(database, elsewhere, tmp_path):
    with psycopg.connect(database.owner, autocommit=True) as owner:
        for task in ("erasure.shred", "erasure.run"):
            owner.execute(
                "insert into procrastinate_jobs (queue_name, task_name, args) values ('chore', %s, %s)",
                [task, '{"a": 1}'],
            )
    backed_up(database, tmp_path / "all.age")
    loaded(elsewhere, tmp_path / "all.age")
    with elsewhere.owner() as owner:
        tasks = owner.execute(
            """select distinct task_name, status::text from procrastinate_jobs where args = '{"a": 1}'"""
        ).fetchall()
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("delete from procrastinate_jobs where args = '{\"a\": 1}'")
    assert tasks == [("erasure.shred", "todo")]


def test_a_sign_in_does_not_come_along(database, elsewhere, tmp_path):
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("insert into django_session values ('key', 'data', now() + interval '1 day')")
    backed_up(database, tmp_path / "all.age")
    with elsewhere.owner() as owner:
        owner.execute("insert into django_session values ('other', 'data', now() + interval '1 day')")
    loaded(elsewhere, tmp_path / "all.age")
    with elsewhere.owner() as owner:
        assert owner.execute("select count(*) from django_session").fetchone() == (0,)
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("delete from django_session where session_key = 'key'")


def test_everything_of_the_schema_is_carried_or_left_out_for_a_reason(database):
    with psycopg.connect(database.owner) as owner:
        tables = {
            row[0]
            for row in owner.execute(
                "select relname from pg_class where relnamespace = 'public'::regnamespace"
                " and relkind in ('r', 'p') and not relispartition"
            ).fetchall()
        }
        parted = owner.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'p'"
        ).fetchall()
        carried = {each.name for each in catalogue.read(owner).tables}
    assert tables == carried | catalogue.LEFT_OUT
    assert parted == [(catalogue.DELIVERIES,)]  # of another one the partitions must be made first too


def test_a_file_is_there_whole_readable_by_its_owner_alone_or_not_at_all(database, tmp_path):
    file = tmp_path / "all.age"
    backed_up(database, file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["all.age"]
    content = file.read_bytes()
    with pytest.raises(services.BackupThere):
        backed_up(database, file)
    assert file.read_bytes() == content


def test_a_disk_that_is_full_leaves_nothing(database, tmp_path):
    """The system's own limit on the size of a file stands for it."""
    command = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000));"
        "from shodaku.config.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    environment = {
        **os.environ,
        "SHODAKU_DATABASE_URL": database.application,
        "SHODAKU_OWNER_URL": database.owner,
        "SHODAKU_VAULT_URL": database.vault,
    }
    done = subprocess.run(
        [sys.executable, "-c", command, "backup", str(tmp_path / "all.age")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 3
    assert "The backup cannot be written" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(database, tmp_path):
    with pytest.raises(services.BackupUnwritable):
        backed_up(database, tmp_path / "away" / "all.age")


def test_a_backup_for_others_opens_with_their_key_alone(database, elsewhere, tmp_path):
    theirs = [x25519.Identity.generate(), x25519.Identity.generate()]
    file = tmp_path / "all.age"
    backed_up(database, file, to=[each.to_public() for each in theirs])
    before = everything(elsewhere)
    with pytest.raises(services.WrongBackupKey):
        loaded(elsewhere, file)
    assert everything(elsewhere) == before
    for each in theirs:
        loaded(elsewhere, file, who=[each])


def test_a_database_that_holds_something_is_left_alone(database, elsewhere, backup):
    loaded(elsewhere, backup)
    before = everything(elsewhere)
    with elsewhere.owner() as owner, pytest.raises(services.NotEmpty):
        services.load(owner, backup, identities(), ring())
    assert everything(elsewhere) == before


def test_a_process_that_still_runs_is_not_pulled_the_rows_from_under(elsewhere, backup):
    with psycopg.connect(elsewhere.databases.application), pytest.raises(services.StillRunning):
        loaded(elsewhere, backup)


@pytest.mark.parametrize(
    ("here", "fault"),
    [
        (
            "insert into django_migrations (app, name, applied) values ('contacts', '9999_later', now())",
            "OlderBackup",
        ),
        ("delete from django_migrations where app = 'contacts' and name = '0002_residence'", "NewerBackup"),
    ],
)
def test_another_shape_of_the_tables_is_refused(elsewhere, backup, here, fault):
    loaded(elsewhere, backup)
    before = everything(elsewhere)
    with elsewhere.owner() as owner:
        kept = owner.execute("select app, name, applied from django_migrations").fetchall()
        owner.execute(here)
        try:
            with pytest.raises(getattr(services, fault)):
                services.load(owner, backup, identities(), ring(), replace=True)
        finally:
            owner.execute("delete from django_migrations")
            owner.cursor().executemany(
                "insert into django_migrations (app, name, applied) values (%s, %s, %s)", kept
            )
    assert everything(elsewhere) == before


def test_another_pepper_is_refused_and_nothing_changes(elsewhere, backup, tmp_path):
    shutil.copytree(HOME / "keys", tmp_path / "keys")
    (tmp_path / "keys" / "pepper.1").unlink()
    keys.create_missing(tmp_path / "keys") or keys.add_epoch(tmp_path / "keys", KeyPurpose.PEPPER, 1)
    before = everything(elsewhere)
    with runtime.replaced(replace(runtime.current(), keys=tmp_path / "keys")), pytest.raises(WrongPepper):
        loaded(elsewhere, backup)
    assert everything(elsewhere) == before


def test_rows_that_do_not_fit_change_nothing(database, elsewhere, backup, tmp_path):
    """Whole, sealed by our own key, and yet no row of this table: as a fault of ours would be."""
    content = []

    def take(name, blocks):
        text = b"".join(blocks)
        content.append((name, text))
        return text.count(b"\n")

    opened = archive.read(backup, identities(), ring(), take)
    spoilt = [
        Member(str(name), text.replace(b"\t", b"", 1) if name.table == "topic" else text, text.count(b"\n"))
        for name, text in content
    ]
    file = tmp_path / "spoilt.age"
    with file.open("wb") as out:
        encryption.encrypt(
            archive.written(opened.manifest, spoilt, ring()), out, [encryption.own_recipient(ring())]
        )
    before = everything(elsewhere)
    with pytest.raises(services.RestoreFailed) as said:
        loaded(elsewhere, file)
    assert said.value.hint == "InvalidTextRepresentation"  # no word of a row
    assert everything(elsewhere) == before


def test_a_file_that_is_cut_off_changes_nothing(elsewhere, backup, tmp_path):
    before = everything(elsewhere)
    file = tmp_path / "cut.age"
    for part in (0.2, 0.6, 0.999):
        file.write_bytes(backup.read_bytes()[: int(backup.stat().st_size * part)])
        with pytest.raises(services.BackupDamaged):
            loaded(elsewhere, file)
    assert everything(elsewhere) == before


def test_the_command_verifies_without_a_database(backup):
    environment = {name: value for name, value in os.environ.items() if "_URL" not in name}
    done = run("backup", "verify", backup, "--json", environment=environment)
    assert done.status == 0, done.err
    said = json.loads(done.out)
    assert said["kind"] == "database"
    assert said["rows"] > 0
    damaged = backup.with_suffix(".cut")
    damaged.write_bytes(backup.read_bytes()[:-1])
    done = run("backup", "verify", damaged, environment=environment)
    assert done.status == 1
    assert done.err == "shodaku: The backup is cut off, or was altered; nothing was changed.\n"


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["backup"], 2, "Name the file to write"),
        (["backup", "verify"], 2, "Name the file to write"),
        (["backup", "x", "--to", "age1nobody"], 2, "A backup is encrypted to a public key of age"),
        (["backup", "verify", "/away"], 3, "The backup cannot be read"),
        (["restore"], 2, "Name what to restore"),
    ],
)
def test_wrong_use_is_one_sentence(arguments, status, said):
    done = run(*arguments, environment=os.environ)
    assert done.status == status
    assert said in done.err
