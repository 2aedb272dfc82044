"""Commands of the desk: a complaint, a request for disclosure, a leak, and how long evidence is kept."""

from __future__ import annotations

import argparse
import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from tests.erasure.test_sealing import erase, sent
from tests.people import a_contact, a_reader, a_shop

from shodaku.complaints import selectors as cases
from shodaku.complaints.domain import Identified, RefusalGround, RequestKind, RequestVia
from shodaku.complaints.services import NoCase, RequestRefused
from shodaku.config.commands import (
    breach_command,
    complaint_command,
    disclose_command,
    doctor_command,
    output,
    request_command,
    retention_command,
)
from shodaku.erasure import jobs as erasure_jobs
from shodaku.erasure import selectors as erasures
from shodaku.erasure import services as erasure
from shodaku.ledger import selectors as ledger
from shodaku.suppression import selectors as suppressions

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


def said(command, capsys, shop, *words):
    parser = argparse.ArgumentParser()
    command.define(parser)
    options = parser.parse_args([*words, "--workspace", shop.slug])
    status = command.run(options)
    return status, capsys.readouterr().out


def an_address():
    return f"desk-{uuid.uuid4().hex[:8]}@example.jp"


def test_a_complaint_prints_the_letter_and_writes_the_bundle(shop, capsys, tmp_path):
    address, file = an_address(), tmp_path / "bundle.json"
    person = a_reader(shop, address)
    status, text = said(complaint_command, capsys, shop, address, "--says", "知らない", "-o", str(file))
    assert (status, "停止いたしました" in text, "Missing: wording" in text) == (0, True, True)
    bundle = json.loads(file.read_text(encoding="utf-8"))
    assert (bundle["found"], bundle["acts"][0]["kind"]) == (True, "consent.confirmed")
    assert file.stat().st_mode & 0o077 == 0
    assert len(suppressions.refusals(shop.workspace_id, person)) == 1


def test_a_complaint_is_a_case_that_goes_on_by_its_number(shop, capsys):
    address = an_address()
    a_reader(shop, address)
    _status, text = said(complaint_command, capsys, shop, address)
    (case,) = cases.cases(shop.workspace_id)
    number = str(case.case_id)
    assert f"Case {number}. Stopped, receipt {case.receipt}." in text
    said(complaint_command, capsys, shop, "--case", number, "--step", "note", "--says", "電話で説明した")
    said(complaint_command, capsys, shop, "--case", number, "--step", "answered")
    status, text = said(complaint_command, capsys, shop, "--case", number, "--step", "close", "--json")
    kinds = ["opened", "stopped", "noted", "answered", "closed"]
    assert (status, [each["step"] for each in json.loads(text)]) == (0, kinds)
    assert said(complaint_command, capsys, shop, "--cases", "--unfinished")[1] == (
        "nothing came to the desk yet\n"
    )
    said(complaint_command, capsys, shop, "--case", number, "--step", "reopen")
    assert number in said(complaint_command, capsys, shop, "--cases", "--unfinished")[1]
    with pytest.raises(NoCase):
        said(complaint_command, capsys, shop, "--case", "999999")


def test_a_complaint_without_evidence_is_a_no(shop, capsys):
    address = an_address()
    a_contact(shop, address)
    status, text = said(complaint_command, capsys, shop, address, "--json")
    assert (status, json.loads(text)["missing"]) == (1, ["consent"])
    status, text = said(complaint_command, capsys, shop, "--json")
    assert [row["found"] for row in json.loads(text)] == [False]
    assert "claim" in said(complaint_command, capsys, shop)[1]
    assert said(complaint_command, capsys, a_shop())[1] == "nothing came to the desk yet\n"


def test_no_file_is_written_over_and_then_nothing_else_is_done(shop, capsys, tmp_path):
    address, file = an_address(), tmp_path / "there.json"
    file.write_text("mine")
    person = a_reader(shop, address)
    for command in (complaint_command, disclose_command):
        with pytest.raises(output.FileThere):
            said(command, capsys, shop, address, "-o", str(file))
    assert (file.read_text(), suppressions.refusals(shop.workspace_id, person)) == ("mine", [])


def test_a_file_that_cannot_be_written_is_told_in_one_sentence(tmp_path):
    with pytest.raises(output.FileUnwritable):
        output.write_private(tmp_path / "no folder" / "file.json", "{}")
    output.write_private(tmp_path / "file.json", "{}")
    with pytest.raises(output.FileThere):
        output.write_private(tmp_path / "file.json", "{}")


def test_disclosure_is_a_file_for_machines(shop, capsys, tmp_path):
    address, known, unknown = an_address(), tmp_path / "known.json", tmp_path / "unknown.json"
    a_reader(shop, address)
    assert said(disclose_command, capsys, shop, address, "-o", str(known))[0] == 0
    assert json.loads(known.read_text(encoding="utf-8"))["records"]["contact"][0]["family_name"] == "山田"
    assert said(disclose_command, capsys, shop, an_address(), "-o", str(unknown))[0] == 1
    assert json.loads(unknown.read_text(encoding="utf-8"))["known"] is False


def test_a_leak_tells_its_dates(shop, capsys):
    words = ("--people", "10", "--cause", "unauthorised_access")
    status, text = said(breach_command, capsys, shop, *words, "--json")
    answer = json.loads(text)
    assert (status, answer["reason"], answer["notify"]) == (1, "BREACH_REPORT_DUE", True)
    assert "first report until" in said(breach_command, capsys, shop, *words)[1]
    assert said(breach_command, capsys, shop, "--people", "10", "--cause", "misdirected_mail")[0] == 0
    with pytest.raises(breach_command.NobodyConcerned):
        said(breach_command, capsys, shop, "--people", "-1", "--cause", "malicious")


def test_the_period_is_changed_and_an_order_recorded(shop, capsys):
    assert said(retention_command, capsys, shop)[1] == (
        "evidence is kept: default\norders under article 7: none\n"
    )
    status, text = said(
        retention_command, capsys, shop, "--keep", "statutory", "--order", "2026-11-20", "--json"
    )
    assert (status, json.loads(text)) == (0, {"keep": "statutory", "orders": ["2026-11-20"]})
    kinds = [entry.kind for entry in ledger.history(shop.workspace_id, 0)]
    assert kinds == ["admin.retention.changed", "admin.order"]


def test_the_doctor_sees_what_is_sealed_past_its_day(shop):
    person, now = a_reader(shop, an_address()), datetime.now(UTC)  # noqa: TID251 - the doctor asks the real clock
    sent(shop, person, now - timedelta(days=1096 + 5))
    erasure_jobs.destroy_due()  # what is due in other workspaces of this database
    assert doctor_command._sealed()[0]
    erase(shop, person, now - timedelta(days=30))
    assert not doctor_command._sealed()[0]
    assert erasures.overdue(shop.workspace_id, before=now) == 1
    erasure.destroy_due(shop.workspace_id, now=now)
    assert doctor_command._sealed()[0]


def test_a_request_is_written_down_identified_answered_and_ended(shop, capsys, tmp_path):
    address, file = an_address(), tmp_path / "copy.json"
    a_reader(shop, address)
    status, text = said(request_command, capsys, shop, "open", "access", address, "--via", "paper", "--json")
    number = str(json.loads(text)["number"])
    assert (status, "確認をお願いします" in text) == (0, True)
    assert "standing" in said(request_command, capsys, shop, "list", "--open")[1]
    with pytest.raises(RequestRefused):
        said(request_command, capsys, shop, "answer", number, "-o", str(file))
    assert not file.exists()
    assert said(request_command, capsys, shop, "identity", number, "document")[0] == 0
    with pytest.raises(request_command.NothingToWrite):
        said(request_command, capsys, shop, "answer", number)
    status, text = said(request_command, capsys, shop, "answer", number, "-o", str(file))
    assert (status, "開示いたします" in text) == (0, True)
    assert json.loads(file.read_text(encoding="utf-8"))["person"]["addresses"][0]["value"] == address
    assert file.stat().st_mode & 0o077 == 0
    assert "answered" in said(request_command, capsys, shop, "list")[1]
    assert said(request_command, capsys, shop, "list", "--open")[1] == "nobody has asked yet\n"


def test_a_request_that_is_late_is_an_exit_status(shop, capsys):
    long_ago = (datetime.now(UTC) - timedelta(days=40)).date().isoformat()  # noqa: TID251 - the command asks the real clock
    words = ("open", "objection", an_address(), "--received", long_ago, "--json")
    number = str(json.loads(said(request_command, capsys, shop, *words)[1])["number"])
    status, text = said(request_command, capsys, shop, "list")
    assert (status, "late" in text) == (1, True)
    said(request_command, capsys, shop, "withdraw", number)
    assert said(request_command, capsys, shop, "list")[0] == 0


def test_the_options_of_a_request_are_the_words_of_the_room():
    assert tuple(each.value for each in RequestKind) == request_command.KINDS
    assert tuple(each.value for each in RequestVia) == request_command.WAYS
    assert tuple(each.value for each in Identified) == request_command.IDENTITIES
    assert tuple(each.value for each in RefusalGround) == request_command.GROUNDS


def test_a_refusal_prints_its_letter(shop, capsys):
    number = str(
        json.loads(said(request_command, capsys, shop, "open", "access", an_address(), "--json")[1])["number"]
    )
    status, text = said(request_command, capsys, shop, "refuse", number, "not_held")
    assert (status, "保有していないため" in text) == (0, True)
