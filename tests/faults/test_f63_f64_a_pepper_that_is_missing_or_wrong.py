"""F63, F64: under another pepper nobody who said no would be recognised. Sending stays shut; opting out
works.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys

import pytest
from django.test import Client
from tests.optout.journals import a_home, lines
from tests.people import a_reader, a_shop

from shodaku.kit import clock, keys, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token, url_form
from shodaku.optout import services as optout
from shodaku.suppression import selectors
from shodaku.suppression import services as suppression

SECONDS_MAX = 60


@pytest.fixture(params=["missing", "wrong"])
def other_keys(request, database, tmp_path):
    """The keys of the installation, but for its pepper."""
    folder = tmp_path / "keys"
    with a_home(tmp_path / "home"):
        here = runtime.current()
        shutil.copytree(here.keys, folder)
        pepper = folder / f"{KeyPurpose.PEPPER}.1"
        pepper.unlink()
        if request.param == "wrong":
            keys.write_secret(pepper, bytes(range(keys.KEY_BYTES)))
        with runtime.replaced(dataclasses.replace(here, keys=folder, _rings={})):
            yield folder


def test_a_send_worker_refuses_to_start(other_keys, database):
    here = runtime.current()
    done = subprocess.run(
        [sys.executable, "-m", "shodaku", "worker", "--plane", "send"],
        env={
            **os.environ,
            "SHODAKU_HOME": str(here.home),
            "SHODAKU_KEYS": str(other_keys),
            "SHODAKU_DATABASE_URL": database.application,
        },
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert done.returncode == 3
    assert "pepper" in done.stderr


def test_the_chore_worker_shuts_the_gate_of_the_installation_until_the_pepper_is_back(other_keys):
    optout.tend(clock.now())
    assert (selectors.fence().state, selectors.fence().reason) == ("closed", "keys")
    good = runtime.current().home.parent / "good"
    shutil.copytree(other_keys, good)
    from tests.conftest import HOME

    shutil.copy(HOME / "keys" / f"{KeyPurpose.PEPPER}.1", good / f"{KeyPurpose.PEPPER}.1")
    with runtime.replaced(dataclasses.replace(runtime.current(), keys=good, _rings={})):
        optout.tend(clock.now())
    assert selectors.fence().state == "open"


def test_opting_out_by_a_link_works_and_is_written_beside_the_database(other_keys):
    shop = a_shop_made_with_the_right_pepper()
    reader = shop.reader
    made = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs).make(
        Token(shop.workspace_id, 0, reader, Purpose.DELIVERY)
    )
    link = url_form(made)
    answer = Client().post(f"/o/{link}", {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert selectors.refusals(shop.workspace_id, reader)
    assert len(lines(suppression.journal())) == 1


@dataclasses.dataclass
class _Shop:
    workspace_id: int
    reader: int


def a_shop_made_with_the_right_pepper():
    from tests.conftest import HOME

    with runtime.replaced(dataclasses.replace(runtime.current(), keys=HOME / "keys", _rings={})):
        shop = a_shop()
        return _Shop(shop.workspace_id, a_reader(shop))
