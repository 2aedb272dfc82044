"""The certificate waits behind a link that nobody stores: readable by its holder alone, and for 30 days."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from tests.people import a_reader, a_shop

from shodaku.contacts import services as contacts
from shodaku.erasure import certificates, jobs, services
from shodaku.kit import clock, db
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_services
from shodaku.ledger import verify

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


def asked(shop, person, at=NOW, receipt=None):
    receipt = receipt or f"S-{person}"
    with db.transaction(shop.workspace_id):
        contacts.lock(person)
        erasure_id = services.request(shop.workspace_id, person, rule="erase", receipt=receipt, now=at)
    return erasure_id, receipt


def erased(shop, *, at=NOW, linked=True):
    """Somebody was erased, the entry is in the log and the certificate sealed; their link."""
    person = a_reader(shop, at=at - timedelta(days=2))
    erasure_id, receipt = asked(shop, person, at)
    path = services.certificate_link(shop.workspace_id, person, receipt) if linked else None
    services.forget(shop.workspace_id, erasure_id, now=at, event_id=uuid.uuid4())
    ledger_services.sequence_all(shop.workspace_id, now=at)
    with clock.standing_at(at):
        jobs.certificate(shop.workspace_id, erasure_id)
    return path, erasure_id


def get(path, at=NOW + timedelta(minutes=5)):
    with clock.standing_at(at):
        return Client(HTTP_ACCEPT_LANGUAGE="en").get(path)


def body_of(shop, erasure_id):
    with db.transaction(shop.workspace_id) as connection:
        return connection.execute(
            "select body, destroy_after, certificate_key from certificate join erasure using"
            " (workspace_id, erasure_id) where erasure_id = %s",
            [erasure_id],
        ).fetchone()


def text_of(response):
    return response.content.decode().replace("<wbr>", "")


NEUTRAL = "This link cannot be used"


def neutral(response):
    return response.status_code == 200 and NEUTRAL in text_of(response)


def test_before_it_is_ready_the_page_says_so_and_then_shows_it():
    shop = a_shop()
    person = a_reader(shop)
    erasure_id, receipt = asked(shop, person)
    path = services.certificate_link(shop.workspace_id, person, receipt)
    assert re.fullmatch(r"/e/[A-Za-z0-9_-]{26}", path)
    assert "being erased" in text_of(get(path))
    services.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid.uuid4())
    assert "being erased" in text_of(get(path)), "certified, and not in the log yet"
    assert get(f"{path}/certificate.json").status_code == 302
    ledger_services.sequence_all(shop.workspace_id, now=NOW)
    with clock.standing_at(NOW):
        jobs.certificate(shop.workspace_id, erasure_id)
    shown = text_of(get(path))
    assert receipt in shown
    assert "Name and addresses" in shown
    assert "from 2 Dec 2026" in shown
    assert get(path).headers["X-Robots-Tag"]


def test_the_file_is_accepted_by_the_verifier_and_altering_it_is_found(tmp_path):
    shop = a_shop()
    path, _ = erased(shop)
    answer = get(f"{path}/certificate.json")
    file = tmp_path / "certificate.json"
    file.write_bytes(answer.content)
    key = ledger.verifier_keys(shop.workspace_id)[0]
    command = [sys.executable, "-I", "-S", str(Path(verify.__file__)), str(file), "--key", key, "--json"]
    accepted = subprocess.run(command, capture_output=True, text=True, check=False)
    assert accepted.returncode == 0, accepted.stderr
    (entry,) = json.loads(answer.content)["entries"]
    assert json.loads(entry["entry"])["kind"] == "erased"
    assert entry["disclosed"]["counts"]["value"]["contact"] == 1
    altered = answer.content.replace(b'"contact":1', b'"contact":9')
    assert altered != answer.content
    file.write_bytes(altered)
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


def test_a_wrong_a_foreign_a_cut_and_a_respelt_link_meet_the_same_neutral_page():
    shop = a_shop()
    path, _ = erased(shop)
    link = path.removeprefix("/e/")
    other = "B" if link[-6] != "B" else "C"
    foreign = certificates.new_link(a_shop().workspace_id).path
    for bad in (f"/e/{link[:-6]}{other}{link[-5:]}", f"/e/{link[:-1]}", f"/e/{link}A", foreign, "/e/-"):
        assert neutral(get(bad)), bad
        assert neutral(get(f"{bad}/certificate.json")), bad
    assert text_of(get(foreign)) == text_of(get("/e/-")).replace("/e/-", foreign)
    last = link[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    respelt = link[:-1] + alphabet[alphabet.index(last) ^ 1]
    assert neutral(get(f"/e/{respelt}"))


def test_the_database_alone_does_not_open_it():
    """Neither the secret nor a key is stored, and the sealed body holds no word of it."""
    shop = a_shop()
    path, erasure_id = erased(shop)
    body, destroy_after, public = body_of(shop, erasure_id)
    assert destroy_after == NOW + timedelta(days=30)
    assert b"receipt" not in bytes(body)
    secret = path.removeprefix("/e/")
    with db.transaction(shop.workspace_id) as connection:
        rows = connection.execute("select row_to_json(e)::text from erasure e").fetchall()
        tasks = connection.execute("select args::text from procrastinate_jobs").fetchall()
    assert not any(secret in row for (row,) in [*rows, *tasks])
    assert bytes(public).hex() != secret


def test_another_body_put_in_its_place_opens_nothing():
    shop = a_shop()
    path, erasure_id = erased(shop)
    _, other = erased(shop)
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update certificate set body = (select body from certificate where erasure_id = %s)"
            " where erasure_id = %s",
            [other, erasure_id],
        )
    assert neutral(get(path))


def test_after_30_days_the_daily_job_destroys_it_and_before_the_link_is_dead_already():
    shop = a_shop()
    path, erasure_id = erased(shop)
    end = NOW + timedelta(days=30)
    assert not neutral(get(path, end - timedelta(seconds=1)))
    assert neutral(get(path, end))
    with clock.standing_at(end - timedelta(seconds=1)):
        jobs.destroy_due()
    assert body_of(shop, erasure_id)[0] is not None
    with clock.standing_at(end):
        jobs.destroy_due()
    assert body_of(shop, erasure_id) == (None, None, None)
    assert neutral(get(path, NOW))


def test_one_link_is_made_for_one_receipt_and_none_once_it_is_certified():
    shop = a_shop()
    person = a_reader(shop)
    erasure_id, receipt = asked(shop, person)
    assert services.certificate_link(shop.workspace_id, person, "S-other") is None
    assert services.certificate_link(shop.workspace_id, person, receipt)
    assert services.certificate_link(shop.workspace_id, person, receipt) is None
    services.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid.uuid4())
    assert services.certificate_link(shop.workspace_id, person, receipt) is None


def test_without_a_link_nothing_is_kept_of_it():
    shop = a_shop()
    _, erasure_id = erased(shop, linked=False)
    assert body_of(shop, erasure_id) == (None, None, None)


def test_a_certificate_whose_job_was_lost_is_sealed_after_all(database):
    import psycopg

    shop = a_shop()
    person = a_reader(shop)
    erasure_id, receipt = asked(shop, person)
    path = services.certificate_link(shop.workspace_id, person, receipt)
    services.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid.uuid4())
    with psycopg.connect(database.application) as connection:
        connection.execute("delete from procrastinate_jobs where task_name = 'erasure.certificate'")
    assert certificates.seal_waiting(shop.workspace_id, NOW + timedelta(minutes=5)) == 1
    assert certificates.seal_waiting(shop.workspace_id, NOW) == 0, "its own job may still come"
    ledger_services.sequence_all(shop.workspace_id, now=NOW)
    with clock.standing_at(NOW + timedelta(minutes=5)):
        jobs.certificate(shop.workspace_id, erasure_id)
        jobs.certificate(shop.workspace_id, erasure_id)
    assert receipt in text_of(get(path))


def test_in_japanese_it_speaks_japanese():
    shop = a_shop()
    path, _ = erased(shop)
    with clock.standing_at(NOW):
        answer = Client(HTTP_ACCEPT_LANGUAGE="ja").get(path)
    assert 'lang="ja"' in answer.content.decode()
