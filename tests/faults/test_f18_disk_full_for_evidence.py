"""F18: the disk is full that the ledger lies on. Whose evidence cannot be stored has agreed to nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from contextlib import contextmanager

import psycopg
import pytest
from django.test import Client
from psycopg import sql
from tests.conftest import HOME
from tests.delivery.mailings import now
from tests.faults.by_hand import EXTERNAL, superuser
from tests.faults.test_f03_kill_9_during_sign_ups import AGE, NOTHING, WHOLE, kept_of
from tests.people import a_shop
from tests.signup.forms import HERE, a_form, page_of, stamp_in

from shodaku.kit import clock

EVIDENCE = ("ledger_entry", "ledger_sealed")
MEGABYTES = 16
ASKED_MAX = 300  # until the pages are full that were there already

pytestmark = pytest.mark.skipif(EXTERNAL, reason="a tablespace is made by the superuser of our own server")


@contextmanager
def a_disk_of_its_own(database, tables):
    """A real file system of that size, in which these tables lie; the place where it can be filled."""
    disk = HOME / "small-disk"
    disk.mkdir()
    size = f"size={MEGABYTES}m,mode=755"
    if subprocess.run(["mount", "-t", "tmpfs", "-o", size, "none", disk], check=False).returncode:
        disk.rmdir()
        pytest.skip("a memory file system can be mounted by root only, and not in every container")
    space = disk / "tables"
    space.mkdir()
    owner = (HOME / "postgres" / "data").stat()
    os.chown(space, owner.st_uid, owner.st_gid)
    space.chmod(0o700)
    try:
        with psycopg.connect(superuser(database), autocommit=True) as server:
            server.execute(sql.SQL("create tablespace small location {}").format(str(space)))
            try:
                move(server, tables, "small")
                yield disk
            finally:
                (disk / "filler").unlink(missing_ok=True)
                move(server, tables, "pg_default")
                server.execute("drop tablespace small")
    finally:
        subprocess.run(["umount", disk], check=True)


def move(server, tables, space):
    """Each table with its indexes."""
    indexes = server.execute(
        "select i.indexrelid::regclass::text from pg_index i where i.indrelid::regclass::text = any(%s)",
        [list(tables)],
    ).fetchall()
    there = sql.Identifier(space)
    for table in tables:
        server.execute(sql.SQL("alter table {} set tablespace {}").format(sql.Identifier(table), there))
    for (index,) in indexes:
        server.execute(sql.SQL("alter index {} set tablespace {}").format(sql.Identifier(index), there))


def fill(disk):
    with (disk / "filler").open("wb") as filler:
        filler.write(bytes(shutil.disk_usage(disk).free))


def test_f18_who_signs_up_while_the_disk_of_the_ledger_is_full_is_told_so_and_nothing_is_kept(database):
    shop = a_shop()
    a_form(shop)
    with clock.standing_at(now() - AGE):
        stamp = stamp_in(Client().get(page_of(shop)).content.decode())

    def sign_up():
        address = f"hanako-{uuid.uuid4().hex[:10]}@example.jp"
        fields = {"stamp": stamp, "topics": [str(shop.topic_id)], "email": address, "name": "山田 花子"}
        client = Client(raise_request_exception=False)
        return address, client.post(page_of(shop), fields, headers=HERE)

    with a_disk_of_its_own(database, EVIDENCE) as disk:
        fill(disk)
        for _ in range(ASKED_MAX):
            address, answer = sign_up()
            if answer.status_code != 200:
                break
            assert kept_of(database, shop, address) == WHOLE
        assert answer.status_code == 503
        assert address in answer.content.decode(), "what was typed is not lost"
        assert kept_of(database, shop, address) == NOTHING
        (disk / "filler").unlink()
        address, answer = sign_up()
        assert (answer.status_code, kept_of(database, shop, address)) == (200, WHOLE)
