"""Returned mails and automatic answers as many servers write them, made by us. In doubt an address lives."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from tests.delivery.bounce_mails import report

from shodaku.delivery.bounces.addresses import same
from shodaku.delivery.bounces.classify import classify

HERE = Path(__file__).parent
MAILS = tomllib.loads((HERE / "labels.toml").read_text(encoding="utf-8"))
ANSWERS = tomllib.loads((HERE / "answers.toml").read_text(encoding="utf-8"))
AT = {
    "mail": "(in reply to MAIL FROM command)",
    "rcpt": "(in reply to RCPT TO command)",
    "data_end": "(in reply to end of DATA command)",
    "unknown": "",
}


def bytes_of(name):
    return (HERE / "mails" / f"{name}.eml").read_bytes()


def test_every_mail_has_a_label_and_every_label_its_mail():
    assert sorted(mail.stem for mail in (HERE / "mails").glob("*.eml")) == sorted(MAILS)


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_is_told_from_others_and_nobody_is_called_dead_who_is_not(name):
    label, returned = MAILS[name], classify(bytes_of(name))
    assert returned.sort.value in label["kinds"]
    if label["kinds"] == ["bounce"]:
        dead = {same(each.address): each.judged.hard for each in returned.recipients}
        assert dead == {same(address): hard for address, hard in label["dead"].items()}
        assert returned.judged.hard == all(dead.values())
    if "named" in label:
        assert [each.address for each in returned.recipients] == label["named"]
    if "stage" in label:
        assert returned.recipients[0].judged.stage.value == label["stage"]
    if "reasons" in label:
        assert returned.recipients[0].judged.reason.value in label["reasons"]


@pytest.mark.parametrize("end", [b"\r\n", b"\r"])
def test_line_ends_change_nothing_of_it(end):
    for name in MAILS:
        raw = bytes_of(name)
        assert classify(raw.replace(b"\n", end)) == classify(raw), name


@pytest.mark.parametrize("name", ANSWERS)
def test_what_a_server_says_is_understood_by_its_words_and_its_stage(name):
    said = ANSWERS[name]
    stage, recipient = said.get("stage", "rcpt"), said.get("recipient", "r@example.org")
    remote = said.get("remote", "mx.example.org")
    told = f"<{recipient}>: host {remote}[192.0.2.80] said: {said['answer']} {AT[stage]}"
    raw = report(said["status"], said["answer"], told=told, recipient=recipient, remote=remote)
    (recipient_of_it,) = classify(raw).recipients
    judged = recipient_of_it.judged
    assert (judged.hard, judged.stage.value) == (said["dead"], stage)
    assert judged.reason.value == said.get("reason", judged.reason.value)
