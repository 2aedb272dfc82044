"""Commands for what comes in, and for what somebody told the desk."""

from __future__ import annotations

import argparse
import io
import json
import uuid
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from tests.people import a_reader, a_shop

from shodaku.config import cli
from shodaku.config.commands import inbound_command, opt_out_command
from shodaku.kit import runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token
from shodaku.optout import webhook
from shodaku.suppression import selectors as suppressions

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def reader(shop):
    address = f"told-{uuid.uuid4().hex[:8]}@example.jp"
    return SimpleNamespace(address=address, contact_id=a_reader(shop, address))


def said(command, capsys, *words):
    parser = argparse.ArgumentParser()
    command.define(parser)
    options = parser.parse_args(words)
    status = command.run(options)
    return status, capsys.readouterr().out


def refusals(shop, reader):
    return suppressions.refusals(shop.workspace_id, reader.contact_id)


def piped(monkeypatch, raw):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(raw.encode())))


@pytest.mark.parametrize("name", ["opt-out", "inbound"])
def test_the_command_is_known(name):
    assert cli._module(name).define


@pytest.mark.parametrize("via", ["telephone", "paper"])
def test_a_no_is_written_down_and_has_a_receipt(shop, reader, capsys, via):
    status, text = said(opt_out_command, capsys, reader.address, "--via", via, "--workspace", shop.slug)
    assert (status, text[:19]) == (0, "Stopped. Receipt S-")
    assert len(refusals(shop, reader)) == 1


def test_a_no_that_came_to_the_client_holds_from_then(shop, reader, capsys):
    came = datetime.now(UTC) - timedelta(minutes=5)  # noqa: TID251 - a test is an edge
    words = ("--via", "client", "--client", "株式会社みどり", "--at", came.isoformat(), "--json")
    status, text = said(opt_out_command, capsys, reader.address, *words, "--workspace", shop.slug)
    assert (status, json.loads(text)["known"]) == (0, True)
    assert [each.at for each in refusals(shop, reader)] == [came]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("--via", "client"), opt_out_command.NoClient),
        (("--via", "client", "--client", "x", "--at", "yesterday"), opt_out_command.NoTime),
        (("--via", "client", "--client", "x", "--at", "2026-11-22T09:41"), opt_out_command.NoTime),
    ],
)
def test_what_is_missing_is_asked_for(shop, reader, capsys, words, fault):
    with pytest.raises(fault):
        said(opt_out_command, capsys, reader.address, *words, "--workspace", shop.slug)
    assert refusals(shop, reader) == []


def test_an_unknown_address_is_never_contacted(shop, capsys):
    address = f"nobody-{uuid.uuid4().hex[:8]}@example.jp"
    words = (address, "--via", "paper", "--workspace", shop.slug)
    assert (
        said(opt_out_command, capsys, *words)[1] == "Nobody here has this address; it is never contacted.\n"
    )


def test_a_mail_is_read_from_a_pipe(shop, reader, capsys, monkeypatch):
    piped(monkeypatch, f"From: {reader.address}\n\n配信停止")
    assert said(inbound_command, capsys, "mail", "--workspace", shop.slug) == (0, "stopped\n")
    assert len(refusals(shop, reader)) == 1


def test_a_token_finds_its_workspace_by_itself(shop, reader, capsys, monkeypatch):
    keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    token = keys.make(Token(shop.workspace_id, 0, reader.contact_id, Purpose.DELIVERY))
    piped(monkeypatch, "From: x@example.jp\n\n")
    words = ("mail", "--recipient", f"o+{token.hex()}@aoi.example", "--sender", "x@example.jp", "--json")
    assert json.loads(said(inbound_command, capsys, *words)[1]) == {
        "workspace": shop.slug,
        "heard": "stopped",
    }
    assert len(refusals(shop, reader)) == 1


def test_the_null_return_path_of_the_envelope_is_heeded(shop, reader, capsys, monkeypatch):
    piped(monkeypatch, f"From: {reader.address}\n\nstop")
    words = ("mail", "--sender", "", "--workspace", shop.slug)
    assert said(inbound_command, capsys, *words) == (0, "automatic\n")


def test_a_mail_that_cannot_be_read_now_is_kept_by_its_server(capsys, monkeypatch):
    piped(monkeypatch, "From: a@example.jp\n\nstop")
    with pytest.raises(inbound_command.TryLater) as kept:
        said(inbound_command, capsys, "mail", "--workspace", "no-such-shop")
    assert kept.value.exit_status == 75


def test_a_text_is_answered_on_the_terminal(shop, capsys):
    words = ("sms", "--from", "090-1234-5678", "--text", "help", "--workspace", shop.slug)
    status, text = said(inbound_command, capsys, *words)
    assert (status, "あおい雑貨" in text) == (0, True)


def test_the_desk_reads_what_nobody_understood_and_takes_it_off(shop, reader, capsys, monkeypatch):
    piped(monkeypatch, f"From: {reader.address}\n\n次はいつですか")
    place = ("--workspace", shop.slug)
    assert said(inbound_command, capsys, "mail", *place)[1] == "desk\n"
    (row,) = json.loads(said(inbound_command, capsys, "desk", "--json", *place)[1])
    assert (row["contact"], row["text"]) == (reader.contact_id, "次はいつですか")
    assert "次はいつですか" in said(inbound_command, capsys, "desk", *place)[1]
    number = str(row["number"])
    assert said(inbound_command, capsys, "desk", "--answered", number, *place)[0] == 0
    assert said(inbound_command, capsys, "desk", "--answered", number, *place)[0] == 1
    assert said(inbound_command, capsys, "desk", *place)[1] == ""


def test_a_secret_opens_the_door_and_is_a_file_of_its_owner_alone(shop, capsys):
    status, text = said(inbound_command, capsys, "secret", "--json", "--workspace", shop.slug)
    made = json.loads(text)
    file = webhook.secret_file(shop.workspace_id)
    assert (status, made["url"]) == (0, f"http://testserver/inbound/sms/{shop.slug}")
    assert (file.read_text(encoding="utf-8"), file.stat().st_mode & 0o777) == (made["secret"], 0o400)
