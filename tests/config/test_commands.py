"""Commands that answer about one address."""

from __future__ import annotations

import argparse
import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from tests.people import a_contact, a_reader, a_shop

from shodaku.config.commands import clocks_command, doctor_command, explain_command, suppress_command
from shodaku.config.commands.explain_command import AT_HOME
from shodaku.config.commands.workspaces import NoAddress
from shodaku.policy.rules import rules

pytestmark = pytest.mark.usefixtures("database")
ELSEWHERE = {
    article for rule, stated in rules().items() if rule[:2] not in AT_HOME for article in stated.articles
}


@pytest.fixture
def shop():
    return a_shop()


def said(command, capsys, *words):
    parser = argparse.ArgumentParser()
    command.define(parser)
    options = parser.parse_args(words)
    status = command.run(options)
    return status, capsys.readouterr().out


def an_address():
    return f"asked-{uuid.uuid4().hex[:8]}@example.jp"


def articles(text):
    return {article for answer in json.loads(text).values() for article in answer["articles"]}


def test_the_answer_about_a_japanese_reader_cites_japanese_law_and_standards_only(shop, capsys):
    address = an_address()
    a_reader(shop, address)
    asked = (address, "--workspace", shop.slug, "--topic", "news", "--json")
    status, text = said(explain_command, capsys, *asked)
    assert status == 0
    assert "特定電子メール法 3条1項1-4号" in articles(text)
    assert articles(text) & ELSEWHERE == set()


def test_the_articles_of_everywhere_are_told_on_request(shop, capsys):
    asked = (an_address(), "--workspace", shop.slug, "--json")
    status, home = said(explain_command, capsys, *asked)
    everywhere = said(explain_command, capsys, *asked, "--all-articles")[1]
    assert status == 1
    assert articles(home) < articles(everywhere)
    assert articles(everywhere) & ELSEWHERE


def test_a_yes_names_its_pack_and_the_facts_it_rests_on(shop, capsys):
    address = an_address()
    a_reader(shop, address)
    status, text = said(explain_command, capsys, address, "--workspace", shop.slug, "--topic", "news")
    assert status == 0
    assert text.startswith("news: yes, OK_CONSENT\n")
    assert "  pack      1.0\n" in text
    facts = next(line for line in text.splitlines() if line.startswith("  facts"))
    assert "no refusal; consent of 20" in facts
    assert ", confirmed, ledger entry #" in facts
    assert "country JP, rules of JP" in facts


def test_all_classes_are_told_as_a_table_with_the_notices_once(shop, capsys):
    address = an_address()
    a_reader(shop, address)
    status, text = said(explain_command, capsys, address, "--workspace", shop.slug, "--class", "all")
    lines = text.splitlines()
    assert status == 0
    assert lines[0].split() == [
        *("topic", "channel", "class", "answer", "reason", "since", "until", "evidence", "rules")
    ]
    assert [line.split()[:4] for line in lines[1:-1] if line.startswith(("news", "-"))] == [
        ["news", "email", "advertising", "allow"],
        ["news", "email", "survey", "allow"],
        ["news", "email", "consent_request", "refuse"],
        ["news", "email", "reconfirm", "allow"],
        ["-", "email", "transactional", "allow"],
        ["-", "email", "legal", "allow"],
    ]
    assert len({line.index("email") for line in lines[1:-1]}) == 1


def test_programs_get_every_class_with_its_facts_in_both_languages(shop, capsys):
    address = an_address()
    a_reader(shop, address)
    asked = (address, "--workspace", shop.slug, "--class", "all", "--topic", "news", "--json")
    first = json.loads(said(explain_command, capsys, *asked)[1])[0]
    assert (first["topic"], first["message_class"], first["verdict"]) == ("news", "advertising", "allow")
    assert {"code": "no_refusal", "ja": "配信停止の申し出なし", "en": "no refusal"} in first["used"]


def test_a_person_found_by_mail_is_asked_about_on_another_channel(shop, capsys):
    address = an_address()
    a_reader(shop, address)
    place = ("--workspace", shop.slug, "--topic", "news")
    status, text = said(explain_command, capsys, address, *place, "--channel", "sms")
    assert status == 1
    assert text.startswith("news: no, ")


def test_somebody_nobody_knows_gets_no_advertising_and_a_notice_needs_no_basis(shop, capsys):
    place = ("--workspace", shop.slug, "--topic", "news")
    assert said(explain_command, capsys, an_address(), *place)[1].startswith("news: no, NO_BASIS\n")
    known = said(explain_command, capsys, "+819012345678", *place, "--class", "all", "--json")[1]
    answers = {each["message_class"]: each["reason"] for each in json.loads(known)}
    assert answers == {
        **dict.fromkeys(("advertising", "survey", "consent_request", "reconfirm"), "NO_BASIS"),
        "transactional": "OK_TRANSACTIONAL",
        "legal": "OK_LEGAL",
    }


def test_an_address_on_the_never_contact_list_gets_nothing_but_what_the_law_demands(shop, capsys):
    address = an_address()
    place = ("--workspace", shop.slug)
    said(suppress_command, capsys, "add", address, *place)
    text = said(explain_command, capsys, address, *place, "--class", "all", "--topic", "news", "--json")[1]
    reasons = [each["reason"] for each in json.loads(text)]
    assert reasons == ["ERASED_NEVER_CONTACT"] * 5 + ["OK_LEGAL"]


def test_a_text_that_is_no_address_is_wrong_use(shop, capsys):
    with pytest.raises(NoAddress):
        said(explain_command, capsys, "nobody", "--workspace", shop.slug)


def test_no_answer_of_somebody_known_holds_the_address(shop, capsys):
    address = an_address()
    a_contact(shop, address)
    asked = (address, "--workspace", shop.slug, "--class", "all", "--json")
    assert address not in said(explain_command, capsys, *asked)[1]


def test_an_address_is_put_on_the_list_and_found_there(shop, capsys):
    address = an_address()
    place = ("--workspace", shop.slug)
    assert said(suppress_command, capsys, "check", address, *place) == (1, "not on the list\n")
    assert said(suppress_command, capsys, "add", address, *place) == (0, "on the list\n")
    assert said(suppress_command, capsys, "check", address, *place)[0] == 0


def test_the_clocks_say_what_is_due_and_are_switched_with_an_entry(shop, capsys):
    place = ("--workspace", shop.slug)
    assert said(clocks_command, capsys, *place) == (0, "ask    off\nforget off\n")
    assert said(clocks_command, capsys, *place, "--ask", "on") == (0, "ask    on\nforget off\n")
    a_reader(shop, at=datetime.now(UTC) - timedelta(days=8))  # noqa: TID251 - a test is an edge
    status, text = said(clocks_command, capsys, *place, "--forget", "on", "--now", "--json")
    told = json.loads(text)
    assert status == 1
    assert (told["asks"], told["forgets"]) == (True, True)
    assert [(each["kind"], each["topic"], each["people"]) for each in told["due"]] == [
        ("WELCOME_LATE", "news", 1),
        ("FIRST_MAIL_LATE", "news", 1),
    ]
    assert said(clocks_command, capsys, *place)[1].splitlines()[2].split() == [
        *("due", "topic", "people", "oldest")
    ]


def test_the_doctor_names_a_welcome_that_hangs(shop, capsys):
    a_reader(shop, at=datetime.now(UTC) - timedelta(days=2))  # noqa: TID251 - a test is an edge
    said(clocks_command, capsys, "--workspace", shop.slug, "--now")
    status, text = said(doctor_command, capsys)
    assert status == 1
    line = next(line for line in text.splitlines() if " clocks: " in line)
    assert line.startswith("MEND")
    assert f"{shop.slug} WELCOME_LATE 1" in line
