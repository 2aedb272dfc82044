"""`shodaku domain` as an operator uses it: key, records, check, rotation, end; and what the doctor says."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from tests.delivery.zone import served
from tests.people import a_shop

from shodaku.config import bind, cli
from shodaku.config.commands import doctor_command, domain_command
from shodaku.delivery import selectors
from shodaku.delivery.dns_checks import Said
from shodaku.kit import keys, runtime

DOMAIN = "aoi.example"
POLICY = {f"_dmarc.{DOMAIN}": "v=DMARC1; p=none"}


@pytest.fixture
def shop(database):
    return a_shop()


@pytest.fixture
def run(shop, capsys, monkeypatch):
    monkeypatch.setattr(bind, "start_command", lambda: None)
    monkeypatch.setattr(cli.environment, "load", lambda: None)

    def run(*arguments):
        status = cli.main(["domain", *arguments, "--workspace", shop.slug])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_each_thing_that_may_be_found_has_its_sentence():
    assert set(domain_command.SENTENCES) == set(Said)


def read(answer):
    status, out, _ = answer
    return status, json.loads(out)


def test_a_key_is_made_published_checked_and_signs(run, monkeypatch):
    status, records = read(run("new-key", DOMAIN, "--algorithm", "both", "--json"))
    assert status == 0
    assert [each["value"].split(";")[1].strip() for each in records] == ["k=rsa", "k=ed25519"]
    zone = {each["name"]: each["value"] for each in records}
    monkeypatch.setenv("SHODAKU_SMTP_URL", "smtp://mail.aoi.jp:587")
    relay = {("mail.aoi.jp", "A"): "192.0.2.7", ("7.2.0.192.in-addr.arpa", "PTR"): "mail.aoi.jp"}
    with served(POLICY) as server:
        monkeypatch.setenv("SHODAKU_DNS", server)
        status, (found,) = read(run("check", DOMAIN, "--json"))
    assert (status, found["aligned"]) == (1, False)
    assert {each["subject"]: each["found"] for each in found["findings"]} == {
        "spf": "missing",
        "dkim": "missing",
        "dmarc": "unaligned",
        "ptr": "no_address",
        "one_click": "plain",
    }
    assert read(run("list", "--json"))[1][0]["signs"] == "the relay"
    with served(POLICY | zone | relay) as server:
        monkeypatch.setenv("SHODAKU_DNS", server)
        status, out, _ = run("check")
    assert status == 0
    assert out.startswith(f"{DOMAIN}: aligned\n  MEND spf {DOMAIN}: there is no such record")
    assert "  well ptr 192.0.2.7 (mail.aoi.jp): well\n" in out
    status, (row,) = read(run("list", "--json"))
    assert (row["signs"], row["dmarc"], row["unanswered_since"]) == ("rsa and ed25519", "aligned", None)
    assert [each["state"] for each in row["keys"]] == ["active", "active"]


def test_records_are_printed_so_that_dns_takes_them(run):
    run("new-key", DOMAIN)
    _, out, _ = run("records", DOMAIN)
    key, spf, dmarc = out.splitlines()
    name, record = key.split(". IN TXT ")
    pieces = record.strip('"').split('" "')
    assert len(pieces) == 2
    assert max(map(len, pieces)) == 255
    assert {"name": name, "type": "TXT", "value": "".join(pieces)} in read(run("records", DOMAIN, "--json"))[
        1
    ]
    assert spf == f'{DOMAIN}. IN TXT "v=spf1 include:YOUR-RELAY -all"'
    assert dmarc.startswith(f'_dmarc.{DOMAIN}. IN TXT "v=DMARC1; p=none; ')


def test_dns_that_keeps_silent_is_said_to(run, monkeypatch):
    from shodaku.delivery import dns_lookup

    monkeypatch.setattr(dns_lookup, "LOOKUP_SECONDS_MAX", 0.3)
    monkeypatch.setattr(dns_lookup, "ANSWER_SECONDS_MAX", 0.2)
    with served({f"_dmarc.{DOMAIN}": None}) as server:
        monkeypatch.setenv("SHODAKU_DNS", server)
        status, out, _ = run("check")
    assert status == 1
    assert out.startswith(f"{DOMAIN}: not known\n")
    assert f"MEND dmarc _dmarc.{DOMAIN}: DNS gave no answer; ask again later" in out


def test_a_key_is_ended_at_once_and_its_record_may_go(run, shop):
    run("new-key", DOMAIN)
    (key,) = selectors.dkim_keys(shop.workspace_id)
    status, out, _ = run("end-key", DOMAIN, key.selector)
    assert status == 0
    assert f"Take {key.name} out of DNS." in out
    assert run("records", DOMAIN)[1].endswith(f"May go: {key.name}\n")
    status, _, error = run("end-key", DOMAIN, key.selector)
    assert status == 2
    assert "no DKIM key of this selector" in error


@pytest.mark.parametrize(
    "words", [("new-key", "b.example"), ("records", "b.example"), ("check", "b.example")]
)
def test_a_domain_of_nobody_is_refused_and_the_real_ones_named(run, words):
    status, _, error = run(*words)
    assert status == 2
    assert "No sender of this workspace sends from this domain." in error
    assert DOMAIN in error


def test_whatever_is_found_has_a_sentence():
    assert set(domain_command.SENTENCES) == {each.value for each in selectors.Said}


def test_list_and_doctor_say_which_key_does_not_open_here(run, shop, tmp_path):
    run("new-key", DOMAIN, "--algorithm", "ed25519")
    keys.create_missing(tmp_path / "keys")
    with runtime.replaced(replace(runtime.current(), keys=tmp_path / "keys", _rings={})):
        _, out, _ = run("list")
        assert "A DKIM key cannot be opened; the mail of its domain is held back until it can." in out
        well, said, old = doctor_command._dkim()
    assert (well, old) == (False, False)
    assert f"{shop.slug} sd" in said


def test_no_private_part_is_printed_or_written_to_the_log(run, shop, capsys):
    from shodaku.delivery import signing
    from shodaku.kit import db

    said = "".join(run("new-key", DOMAIN)[1:]) + "".join(run("list", "--json")[1:])
    with db.transaction(shop.workspace_id):
        rows = db.Statements("shodaku.delivery").rows("list_open_dkim_keys", signing.WrappedKey)
    secret = signing.opened(runtime.current(), shop.workspace_id, rows[0]).secret
    import base64

    text = base64.b64encode(secret).decode()
    assert not any(text[at : at + 40] in said for at in range(400, len(text) - 40, 4))
