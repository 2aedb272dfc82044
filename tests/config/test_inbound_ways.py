"""Mailboxes, addresses and doors of providers are set up on the command line; secrets are never arguments."""

from __future__ import annotations

import argparse
import io
import json

import pytest
from django.test import Client
from tests.optout.imap_server import an_imap_server
from tests.optout.pop3_server import a_pop3_server
from tests.optout.ways import a_letter, an_address, desk, scopes
from tests.people import a_reader, a_shop

from shodaku.config import up
from shodaku.config.commands import doctor_command, inbound_command, inbound_ways
from shodaku.delivery import selectors as deliveries
from shodaku.delivery import services as delivery
from shodaku.delivery.services import NoSource
from shodaku.delivery.sources import UNPROVED_MAX
from shodaku.kit import clock
from shodaku.optout import mailbox_files, services
from shodaku.optout.hooks import NoProviderKey, NoSuchProvider
from shodaku.optout.listening import NoSuchPlace
from shodaku.optout.mailbox_files import NoMailbox

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def command(shop, capsys, monkeypatch):
    def run(*words, typed="", everywhere=False):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        parser = argparse.ArgumentParser()
        inbound_command.define(parser)
        more = [] if everywhere else ["--workspace", shop.slug]
        options = parser.parse_args([*words, *more])
        status = inbound_command.run(options)
        return status, capsys.readouterr().out

    return run


def test_a_source_that_is_not_believed_is_shown_until_it_is_trusted(shop, command):
    now = clock.now()
    for _ in range(UNPROVED_MAX + 1):
        delivery.note_unproved(shop.workspace_id, "198.18.0.66", now=now)
    (row,) = json.loads(command("source", "list", "--json")[1])
    assert (row["source"], row["unproved"], row["trusted"]) == ("198.18.0.66", UNPROVED_MAX + 1, False)
    _, detail, warns = doctor_command._returned()
    assert (warns, "shodaku inbound source trust 198.18.0.66" in detail) == (True, True)
    assert command("source", "trust", "198.18.0.66") == (0, "")
    assert json.loads(command("source", "list", "--json")[1])[0]["trusted"] is True
    assert shop.slug not in doctor_command._returned()[1]
    with pytest.raises(NoSource):
        command("source", "trust", "mail.example.org")


def test_a_mailbox_is_added_tested_read_and_removed(shop, command):
    address = an_address()
    contact_id = a_reader(shop, address)
    with an_imap_server() as (port, box):
        box.put(a_letter("停止", sender=address))
        place = ("--host", "127.0.0.1", "--port", str(port), "--user", "reader", "--without-tls")
        assert command("mailbox", "add", "main", *place, typed="the secret\n") == (0, "")
        assert command("mailbox", "test", "main") == (0, "It can be read; 1 mails are new.\n")
        assert command("poll", everywhere=True)[0] == 0
    (row,) = json.loads(command("mailbox", "list", "--json")[1])
    assert (row["name"], row["handled"], row["fault"], scopes(shop, contact_id)) == ("main", 1, "", ["all"])
    assert command("mailbox", "remove", "main")[0] == 0
    assert mailbox_files.names(shop.workspace_id) == []
    with pytest.raises(NoMailbox):
        command("mailbox", "test", "main")


def test_a_mailbox_of_pop3_is_read_and_emptied(shop, command):
    address = an_address()
    contact_id = a_reader(shop, address)
    with a_pop3_server() as (port, drop):
        drop.put(a_letter("停止", sender=address))
        place = ("--protocol", "pop3", "--host", "127.0.0.1", "--port", str(port), "--user", "reader")
        command("mailbox", "add", "main", *place, "--without-tls", "--delete", typed="the secret\n")
        assert command("mailbox", "test", "main") == (0, "It can be read; 1 mails are new.\n")
        command("poll", everywhere=True)
        assert (scopes(shop, contact_id), drop.mails) == (["all"], {})


@pytest.mark.parametrize(
    ("words", "port"),
    [
        ((), 993),
        (("--starttls",), 143),
        (("--protocol", "pop3"), 995),
        (("--protocol", "pop3", "--starttls"), 110),
        (("--protocol", "pop3", "--port", "1995"), 1995),
    ],
)
def test_a_mailbox_has_the_usual_port_of_its_protocol(shop, command, words, port):
    command("mailbox", "add", "main", "--host", "mail.aoi.example", "--user", "x", *words, typed="x\n")
    assert mailbox_files.named(shop.workspace_id, "main").port == port
    command("mailbox", "remove", "main")


def test_the_doctor_tells_of_a_mailbox_that_is_not_read_and_of_one_that_nobody_looks_into(shop, command):
    place = ("--host", "127.0.0.1", "--port", "1", "--user", "reader", "--without-tls")
    command("mailbox", "add", "main", *place, typed="x\n")
    _, detail, warns = doctor_command._mailboxes()
    assert (warns, f"{shop.slug} main: nobody looked lately" in detail) == (True, True)
    command("poll", everywhere=True)
    well, detail, _ = doctor_command._mailboxes()
    assert (well, f"{shop.slug} main: Nothing listens at this address and port." in detail) == (False, True)
    command("mailbox", "remove", "main")
    assert shop.slug not in doctor_command._mailboxes()[1]


def test_a_mailbox_needs_its_place_and_its_user(command):
    with pytest.raises(inbound_ways.NothingToOpen):
        command("mailbox", "add", "main", typed="x\n")


def test_an_address_is_opened_once_and_closed(shop, command):
    assert command("address", "add", "Info@Aoi.example")[0] == 0
    assert command("address", "add", "info@aoi.example")[0] == 0
    assert deliveries.inbound_addresses(shop.workspace_id) == ["info@aoi.example"]
    assert command("address", "list") == (0, "info@aoi.example\n")
    assert [command("address", "remove", "info@aoi.example")[0] for _ in range(2)] == [0, 1]
    with pytest.raises(inbound_ways.AddressMissing):
        command("address", "add")


def test_a_provider_gets_a_door_and_its_reports_are_counted(command):
    _, said = command("hook", "add", "brevo", "--json")
    path = json.loads(said)["url"].removeprefix("http://testserver")
    assert Client().post(path, {"event": "delivered"}, content_type="application/json").status_code == 200
    (row,) = json.loads(command("hook", "list", "--json")[1])
    assert (row["provider"], list(row["events"].values())) == ("brevo", [1])
    assert command("hook", "remove", "brevo")[0] == 0
    assert json.loads(command("hook", "list", "--json")[1]) == []


def test_a_door_without_its_key_or_of_nobody_is_refused(command):
    with pytest.raises(NoProviderKey):
        command("hook", "add", "mailgun", typed="\n")
    with pytest.raises(NoSuchProvider):
        command("hook", "add", "ses", typed="x\n")


@pytest.mark.parametrize(
    ("word", "after"), [("--stop", ["all"]), ("--no-refusal", []), ("--answered", ["until"])]
)
def test_a_human_decides_what_was_meant_and_a_hold_ends_by_it(shop, command, word, after):
    from shodaku.kit import clock

    address = an_address()
    contact_id = a_reader(shop, address)
    services.receive_mail(shop.workspace_id, a_letter("広告はもう結構です", sender=address), clock.now())
    (row,) = desk(shop)
    assert scopes(shop, contact_id) == ["until"]
    assert [command("desk", word, str(row.message_no))[0] for _ in range(2)] == [0, 1]
    assert (set(scopes(shop, contact_id)) >= set(after), desk(shop)) == (True, [])
    assert ("until" in scopes(shop, contact_id)) is (word != "--no-refusal")


def test_a_place_that_is_none_is_said_before_anything_opens(monkeypatch):
    parser = argparse.ArgumentParser()
    inbound_command.define(parser)
    with pytest.raises(NoSuchPlace):
        inbound_ways.listen(parser.parse_args(["listen", "--smtp", "25"]))


@pytest.mark.parametrize(
    ("port", "values", "place"),
    [
        (8000, {}, "127.0.0.1:8025"),
        (8000, {"SHODAKU_INBOUND_SMTP": "10.0.0.5:25"}, "10.0.0.5:25"),
        (8000, {"SHODAKU_INBOUND_SMTP": "off"}, None),
        (65_530, {}, None),
    ],
)
def test_up_takes_mail_in_beside_the_web_pages(port, values, place):
    children = up._inbound(port, values)
    assert [each.arguments for each in children.values()] == (
        [["inbound", "listen", "--smtp", place, "--patient"]] if place else []
    )
