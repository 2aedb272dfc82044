"""Commands that answer about one address."""

from __future__ import annotations

import argparse
import json
import uuid

import pytest
from tests.people import a_reader, a_shop

from shodaku.config.commands import explain_command, suppress_command
from shodaku.config.commands.explain_command import AT_HOME
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


def test_an_address_is_put_on_the_list_and_found_there(shop, capsys):
    address = an_address()
    place = ("--workspace", shop.slug)
    assert said(suppress_command, capsys, "check", address, *place) == (1, "not on the list\n")
    status, text = said(suppress_command, capsys, "add", address, *place)
    assert (status, text.endswith(": staff\n")) == (0, True)
    assert said(suppress_command, capsys, "check", address, *place)[0] == 0
