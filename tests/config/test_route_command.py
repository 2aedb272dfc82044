"""`shodaku route` as an operator uses it; what the doctor and the figures say of mail servers."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from tests.delivery.mailings import launched
from tests.delivery.provider_stub import Imitation
from tests.delivery.sink import RunningSink
from tests.people import a_reader, a_shop

from shodaku.config import bind, cli, metrics
from shodaku.config.commands import doctor_command
from shodaku.delivery import selectors
from shodaku.delivery.domain import Kind
from shodaku.kit import db, runtime

NOW = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def shop(database):
    return a_shop()


@pytest.fixture
def run(shop, capsys, monkeypatch):
    monkeypatch.setattr(bind, "start_command", lambda: None)
    monkeypatch.setattr(cli.environment, "load", lambda: None)

    def run(*arguments):
        status = cli.main(["route", *map(str, arguments), "--workspace", shop.slug])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def read(answer):
    status, out, _ = answer
    return status, json.loads(out)


def test_a_server_is_added_listed_changed_and_removed(run, shop, tmp_path):
    (tmp_path / "password").write_text("secret\n")
    status, made = read(run(
        "add", "mail.aoi.example", "--user", "aoi", "--password-file", tmp_path / "password", "--json"
    ))  # fmt: skip
    assert (status, made["server"], made["tls"], made["state"]) == (
        0,
        "mail.aoi.example:587",
        "require",
        "well",
    )
    file = runtime.current().keys / f"route.{shop.workspace_id}.{made['route']}"
    assert file.read_text() == "secret"
    status, edited = read(run(
        "set", made["route"], "--share", 0, "--rate", 5, "--carries", "urgent", "--depth", 4, "--off",
        "--json",
    ))  # fmt: skip
    assert (status, edited["share"], edited["rate"], edited["carries"], edited["state"]) == (
        0,
        0,
        5.0,
        "urgent",
        "off",
    )
    assert (made["depth"], edited["depth"]) == (0, 4)
    assert read(run("set", made["route"], "--rate", 0, "--on", "--json"))[1]["rate"] is None
    assert [each["route"] for each in read(run("list", "--json"))[1]] == [made["route"]]
    assert run("remove", made["route"])[0] == 0
    assert (selectors.routes(shop.workspace_id), file.exists()) == ([], False)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("add", "h", "--share", "1001"), "The number is too small or too large."),
        (("add", "h", "--depth", "5"), "The number is too small or too large."),
        (("add", "h", "--port", "0"), "The number is too small or too large."),
        (("add", "h", "--password-file", "/nonexistent"), "The file with the password cannot be read"),
        (("set", "2147483647", "--share", "1"), "There is no mail server with this number."),
        (("remove", "2147483647"), "There is no mail server with this number."),
        (("test", "2147483647"), "There is no mail server with this number."),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(run, shop, arguments, sentence):
    status, _, said = run(*arguments)
    assert (status, sentence in said) == (2, True)
    assert selectors.routes(shop.workspace_id) == []


def test_a_server_is_tried_without_sending_anything(run):
    with RunningSink() as sink:
        _, made = read(run("add", "127.0.0.1", "--port", sink.port, "--tls", "none", "--json"))
        status, tried = read(run("test", made["route"], "--json"))
        assert (status, tried) == (0, {"well": True, "sentence": "The server is ready to take mail."})
        assert sink.arrived == []
    status, out, _ = run("test", made["route"])
    assert (status, out) == (1, "Nothing accepts mail at this address and port.\n")


def test_a_provider_is_added_tried_and_changed_into_a_mail_server(run, monkeypatch, tmp_path):
    monkeypatch.setenv("SHODAKU_PROVIDER_LOCAL", "1")
    (tmp_path / "key").write_text("himitsu")
    with Imitation(Kind.POSTMARK) as imitation:
        status, made = read(run(
            "add", "localhost", "--kind", "postmark", "--port", imitation.port, "--tls", "none",
            "--password-file", tmp_path / "key", "--signs-for", "aoi.example,b.example", "--json",
        ))  # fmt: skip
        assert (status, made["kind"], made["signs_for"]) == (0, "postmark", "aoi.example, b.example")
        assert read(run("test", made["route"], "--json")) == (
            0,
            {"well": True, "sentence": "The server is ready to take mail."},
        )
        assert imitation.taken == []
    status, _, said = run("set", made["route"], "--kind", "smtp")
    assert (status, "A mail server needs an address." in said) == (2, True)
    _, edited = read(run("set", made["route"], "--kind", "smtp", "--host", "mail.aoi.example", "--json"))
    assert (edited["kind"], edited["signs_for"]) == ("smtp", "aoi.example, b.example")
    _, usual = read(run("add", "--kind", "sendgrid", "--json"))
    assert (usual["name"], usual["server"], usual["tls"]) == ("sendgrid", "api.sendgrid.com:443", "require")
    (told,) = [each for each in read(run("list", "--json"))[1] if each["route"] == made["route"]]
    assert told["held"] == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("add",), "A mail server needs an address."),
        (("add", "--kind", "ses"), "The user name will not do"),
        (("add", "mail.aoi.example", "--kind", "brevo"), "The address is none of this provider's"),
        (("add", "h", "--signs-for", "aoi"), "Domains look like mail.example"),
    ],
)
def test_what_cannot_be_of_a_provider_is_said_in_one_sentence(run, shop, arguments, sentence):
    status, _, said = run(*arguments)
    assert (status, sentence in said) == (2, True)
    assert selectors.routes(shop.workspace_id) == []


def test_doctor_tells_which_server_takes_over_nothing_and_what_waits_for_one(run, shop):
    _, first = read(run("add", "first.aoi.example", "--signs-for", "aoi.example", "--json"))
    run("add", "second.aoi.example")
    mailing_id = launched(shop, [a_reader(shop)])
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update chunk set route_id = %s, route_fixed = true where mailing_id = %s",
            [first["route"], mailing_id],
        )
    _, told, warns = doctor_command._routes()
    assert warns
    assert f"{shop.slug} 1 mails wait for first.aoi.example alone" in told
    assert f"{shop.slug} second.aoi.example takes over nothing from aoi.example" in told
    assert "first.aoi.example takes over" not in told


def test_limits_are_set_listed_and_lifted(run):
    _, made = read(run("add", "mail.aoi.example", "--rate", 20, "--json"))
    status, found = read(run("pace", made["route"], "--receivers", "docomo", "--rate", 2, "--json"))
    assert (status, [(each["receivers"], each["rate"]) for each in found]) == (
        0,
        [("all", 20), ("docomo", 2)],
    )
    assert read(run("pace", "--rate", 100, "--json"))[1][0] == {
        "route": "all",
        "receivers": "all",
        "rate": 100.0,
        "now": 100.0,
    }
    status, _, said = run("pace", "--receivers", "carrier", "--rate", 1)
    assert (status, "docomo, au" in said) == (2, True)
    status, _, said = run("pace", made["route"], "--rate", 1)
    assert (status, "stands with the server" in said) == (2, True)
    assert len(read(run("pace", "--rate", 0, "--json"))[1]) == 2


def test_a_warm_up_begins_goes_on_with_another_table_and_ends(run):
    _, made = read(run("add", "mail.aoi.example", "--json"))
    status, found = read(run("warm-up", made["route"], "--daily", "usual", "--json"))
    assert (status, len(found), {each["amount"] for each in found}) == (0, 9, {50})
    _, found = read(run("warm-up", made["route"], "--receivers", "au", "--daily", "20,40", "--json"))
    assert {each["receivers"]: each["amount"] for each in found}["au"] == 20
    for wrong in ("20,10", "many", "0,1"):
        status, _, said = run("warm-up", made["route"], "--daily", wrong)
        assert (status, "ascending and separated by commas" in said) == (2, True), wrong
    assert run("warm-up", "--end")[0] == 2, "of which server?"
    assert len(read(run("warm-up", "--json"))[1]) == 9
    assert read(run("warm-up", made["route"], "--end", "--json")) == (0, [])


def test_doctor_and_figures_tell_which_server_is_set_aside(run, shop):
    _, first = read(run("add", "first.aoi.example", "--json"))
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update route set last_error = 'The server does not answer.', set_aside_at = now()"
            " where workspace_id = %s",
            [shop.workspace_id],
        )
    well, told, _ = doctor_command._routes()
    assert not well
    assert f"{shop.slug} first.aoi.example, set aside: The server does not answer." in told
    assert f"{shop.slug} no mail server takes campaigns" in told
    run("add", "second.aoi.example")
    _, told, warns = doctor_command._routes()
    assert warns
    assert f"{shop.slug} no mail server" not in told
    figures = metrics.text(NOW)
    assert f'shodaku_route_set_aside{{workspace="{shop.slug}",route="{first["route"]}"}} 1' in figures
