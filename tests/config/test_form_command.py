"""`shodaku form check`: a page is checked in a terminal, without any installation."""

from __future__ import annotations

import json

import pytest

from shodaku.config import cli

GOOD = (
    '<form><label><input type="checkbox" name="news">お知らせメールを受け取る</label>'
    '<input type="email" name="email"><button>登録</button></form>'
    "<p>利用目的：案内の送付</p><p>株式会社あおい雑貨</p>"
)


@pytest.fixture
def page(tmp_path):
    def write(html):
        file = tmp_path / "page.html"
        file.write_bytes(html if isinstance(html, bytes) else html.encode())
        return str(file)

    return write


def test_a_good_page_is_let_pass(page, capsys):
    assert cli.main(["form", "check", page(GOOD), "--sender", "株式会社あおい雑貨"]) == 0
    assert "OK_FORM" in capsys.readouterr().out


def test_a_fault_is_told_with_both_sentences_rules_and_articles(page, capsys):
    assert cli.main(["form", "check", page(GOOD.replace("name=", "checked name="))]) == 1
    told = capsys.readouterr().out
    assert told.startswith("CONSENT_PRECHECKED\n")
    assert "最初からチェック" in told
    assert "SE-23" in told
    assert "articles" in told


@pytest.mark.parametrize(
    ("options", "status", "reason"),
    [
        (["--sender", "株式会社べつの店"], 1, "CONSENT_PARTY_UNIDENTIFIED"),
        (["--required-to-buy"], 1, "CONSENT_CONDITIONAL"),
        (["--last-screen", "hides"], 1, "CONSENT_STATE_NOT_SHOWN"),
        (["--last-screen", "shows"], 0, "OK_FORM"),
        (["--incentive"], 0, "OK_INCENTIVE"),
        (["--opt-out-page"], 1, "UNSUB_EXTRA_STEP"),
        (["--opt-out-page", "--requires", "login"], 1, "UNSUB_LOGIN_REQUIRED"),
    ],
)
def test_a_program_gets_json(page, capsys, options, status, reason):
    assert cli.main(["form", "check", page(GOOD), "--json", *options]) == status
    said = json.loads(capsys.readouterr().out)
    assert said["verdict"] == ("refuse" if status else "allow")
    assert [each["reason"] for each in said["answers"]] == [reason]
    assert said["answers"][0]["rules"]


def test_a_page_of_older_days_is_read(page):
    assert cli.main(["form", "check", page(GOOD.encode("cp932"))]) == 0


@pytest.mark.parametrize("html", ["", "<p>ようこそ</p>", b"\x81\x20\xff\xfd", "x" * 600_000])
def test_what_is_no_page_with_a_form_is_unreadable(page, capsys, html):
    assert cli.main(["form", "check", page(html)]) == 2
    assert "The file cannot be read as a page with a form." in capsys.readouterr().err


def test_a_file_that_is_not_there_is_told(tmp_path, capsys):
    assert cli.main(["form", "check", str(tmp_path / "none.html")]) == 2
    assert "The file cannot be opened." in capsys.readouterr().err


def test_a_page_for_opting_out_that_wants_nothing_passes(page):
    assert cli.main(["form", "check", page("<form><button>停止</button></form>"), "--opt-out-page"]) == 0
