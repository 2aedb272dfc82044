"""Complaints at the desk: an address becomes a case by number, and the case a sheet of evidence."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.complaints.test_services import a_subscriber, an_address, never_contacted, refused
from tests.console.desk import at_desk, text_of, url
from tests.erasure.test_sealing import erase, sent
from tests.people import a_shop

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import OptOutRule, Role
from shodaku.complaints import selectors
from shodaku.complaints.domain import CaseState
from shodaku.erasure import selectors as erasures
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_acts
from shodaku.ledger import vault
from shodaku.suppression.domain import Scope

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def reader(shop):
    """Address and number of somebody who signed up, confirmed and got a mail."""
    address = an_address()
    person = a_subscriber(shop, address)
    sent(shop, person)
    return address, person


def said(address, **more):
    return {"address": address, "via": "telephone", "grievance": "never_agreed", "words": "", **more}


def opens(shop, address, role=Role.CLERK, **more):
    return at_desk(shop, role).post(url(shop, "case_open"), said(address, **more), follow=True)


def the(shop):
    (found,) = selectors.cases(shop.workspace_id)
    return found


def press(shop, name, role=Role.COMPLIANCE, **posted):
    return at_desk(shop, role).post(url(shop, name, the(shop).case_id), posted, follow=True)


def test_nobody_complained_yet(shop):
    page = text_of(at_desk(shop).get(url(shop, "cases")))
    assert "No complaints yet" in page
    assert "Show the evidence" in page
    assert "Show the evidence" not in text_of(at_desk(shop, Role.DEVELOPER).get(url(shop, "cases")))


def test_a_clerk_looks_up_an_address_and_gets_the_sheet_without_it(shop, reader):
    address, person = reader
    answer = opens(shop, address, words="登録した覚えがない")
    page = text_of(answer)
    (place, _status) = answer.redirect_chain[-1]
    assert place == url(shop, "case", the(shop).case_id)
    assert address not in page + place
    assert "c****@example.jp" in page
    act = selectors.acts(shop.workspace_id, person)[-1]
    for told in (
        "Confirmed",
        "お届けするもの",
        "秋の新商品",
        "4 times a week",
        "登録した覚えがない",
        "Never agreed",
    ):
        assert told.lower() in page.lower(), told
    assert act.proof_hash[:8] in page
    assert "They never said no." in page
    assert "no-store" in answer["Cache-Control"]
    assert refused(shop, person) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": ""}, {"address": "hanako"}, {"address": "a@b@c"}, {"via": "pigeon"},
        {"grievance": "none"}, {"words": "あ" * 1_001},
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_said_and_what_was_typed_stays(shop, wrong):
    answer = at_desk(shop).post(url(shop, "case_open"), said("taro@example.jp", words="怒っている") | wrong)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "Please correct 1 item" in page
    assert "怒っている" in page or "words" in wrong
    assert selectors.cases(shop.workspace_id) == []


def test_one_press_stops_everything_and_the_page_goes_on_to_the_answer(shop, reader):
    _address, person = reader
    opens(shop, reader[0])
    page = text_of(press(shop, "case_stop", Role.CLERK))
    receipt = the(shop).receipt
    assert refused(shop, person) == [Scope.ALL]
    assert f"Stopped. Receipt {receipt}." in page
    assert f"受付番号は {receipt} です。" in page
    assert "An owner or somebody of compliance does this." in page


def test_while_somebody_is_on_the_telephone_looking_and_stopping_are_one_press(shop, reader):
    page = text_of(opens(shop, reader[0], then="stop"))
    assert refused(shop, reader[1]) == [Scope.ALL]
    assert "Everything stopped" in page


def test_the_page_of_a_stranger_offers_the_never_contact_list_and_keeps_no_words(shop):
    address = an_address()
    page = text_of(opens(shop, address, words="secret words"))
    assert "Nobody known here" in page
    assert "secret words" not in page
    refused_page = press(shop, "case_stop", Role.CLERK, address="")
    assert refused_page.status_code == 422
    assert not never_contacted(shop, address)
    page = text_of(press(shop, "case_stop", Role.CLERK, address=address))
    assert "It is never contacted from now on." in page
    assert never_contacted(shop, address)
    assert address not in page


def test_where_a_no_erases_the_word_is_asked_for_and_nothing_is_stopped_in_passing(shop, reader):
    accounts.change_opt_out_rule(shop.workspace_id, OptOutRule.ERASE, "")
    page = text_of(opens(shop, reader[0], then="stop"))
    assert refused(shop, reader[1]) == []
    assert "Make the letter and the proof before." in page
    assert press(shop, "case_stop", typed="no").status_code == 422
    assert refused(shop, reader[1]) == []
    press(shop, "case_stop", typed="erase")
    assert len(erasures.erasures(shop.workspace_id)) == 1


def test_compliance_answers_and_closes_and_the_log_says_who(shop, reader):
    opens(shop, reader[0])
    press(shop, "case_stop")
    page = text_of(press(shop, "case_note", note="電話で伝えた"))
    assert "電話で伝えた" in page
    press(shop, "case_answered")
    assert the(shop).state is CaseState.ANSWERED
    page = text_of(press(shop, "case_close"))
    assert the(shop).state is CaseState.CLOSED
    assert "This case is closed." in page
    assert page.count("森 美咲") > 4
    page = text_of(press(shop, "case_reopen"))
    assert the(shop).state is CaseState.OPEN


def test_a_note_without_words_is_refused_and_too_many_words_stay(shop, reader):
    opens(shop, reader[0])
    assert press(shop, "case_note", note="").status_code == 422
    answer = press(shop, "case_note", note="あ" * 1_001)
    assert answer.status_code == 422
    assert "あ" * 1_001 in text_of(answer)


@pytest.mark.parametrize("name", ["case_answered", "case_close", "case_reopen", "case_letter"])
@pytest.mark.parametrize("role", [Role.CLERK, Role.MARKETER, Role.DEVELOPER])
def test_who_only_looks_up_finishes_nothing(shop, reader, name, role):
    opens(shop, reader[0])
    assert press(shop, name, role, language="ja").status_code == 403
    assert the(shop).state is CaseState.OPEN


def test_a_developer_may_stop_but_opens_no_case_and_sees_no_words(shop, reader):
    assert at_desk(shop, Role.DEVELOPER).post(url(shop, "case_open"), said(reader[0])).status_code == 403
    opens(shop, reader[0], words="secret words")
    page = text_of(at_desk(shop, Role.DEVELOPER).get(url(shop, "case", the(shop).case_id)))
    assert "secret words" not in page
    press(shop, "case_stop", Role.DEVELOPER)
    assert refused(shop, reader[1]) == [Scope.ALL]


def test_a_step_that_is_not_possible_is_said_in_a_sentence(shop, reader):
    opens(shop, reader[0])
    assert "before that a case is not closed" in text_of(press(shop, "case_close"))
    press(shop, "case_stop")
    assert "Everything to this person was stopped before." in text_of(press(shop, "case_stop"))


def test_of_an_erased_person_the_case_stays_without_them(shop, reader):
    opens(shop, reader[0], words="secret words")
    erase(shop, reader[1])
    page = text_of(at_desk(shop).get(url(shop, "case", the(shop).case_id)))
    assert "What stays is that somebody complained then." in page
    assert "secret words" not in page
    assert "秋の新商品" not in page
    page = text_of(press(shop, "case_letter", language="ja"))
    assert "This person was erased since." in page


def test_the_letter_is_a_pdf_and_that_it_was_made_is_in_the_ledger(shop, reader):
    pytest.importorskip("typst")
    opens(shop, reader[0])
    answer = press(shop, "case_letter", language="en")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    made = [each.fields for each in ledger.history(shop.workspace_id, 0) if each.kind == "admin.exported"]
    assert [(each["what"], each["case"]) for each in made] == [("complaint letter", str(the(shop).case_id))]
    assert "Nothing was made." in text_of(press(shop, "case_letter", language="fr"))


def test_the_proof_of_the_sheet_is_verified_by_the_public_page(shop, reader):
    opens(shop, reader[0])
    page = text_of(at_desk(shop, Role.COMPLIANCE).get(url(shop, "case", the(shop).case_id)))
    assert url(shop, "prove", reader[1]) in page
    ledger_acts.sequence(shop.workspace_id, now=datetime.now(UTC))  # noqa: TID251 - a test is an edge
    answer = at_desk(shop, Role.COMPLIANCE).post(url(shop, "prove", reader[1]), {"file": "json"})
    assert json.loads(answer.content)["entries"]


def test_while_the_key_store_is_away_the_sheet_says_so_and_stopping_works(shop, reader, monkeypatch):
    opens(shop, reader[0])

    def away(*_):
        raise vault.VaultAway

    with monkeypatch.context() as patch:
        patch.setattr(vault, "read", away)
        page = text_of(at_desk(shop).get(url(shop, "case", the(shop).case_id)))
        assert "The key store cannot be reached" in page
        assert "秋の新商品" in page
        press(shop, "case_stop")
    assert refused(shop, reader[1]) == [Scope.ALL]


def test_the_list_is_narrowed_by_what_stands_in_the_url_and_counts_by_month(shop, reader):
    opens(shop, reader[0])
    opens(shop, an_address(), grievance="too_often")
    desk = at_desk(shop)

    def shown(query):
        page = text_of(desk.get(url(shop, "cases") + query))
        return [
            each.case_id
            for each in selectors.cases(shop.workspace_id)
            if f"/complaints/{each.case_id}/" in page
        ]

    often, never = (each.case_id for each in selectors.cases(shop.workspace_id))
    assert shown("") == [often, never]
    assert shown("?about=too_often") == [often]
    assert shown(f"?topic={shop.topic_id}") == [never]
    assert shown("?state=closed") == []
    assert shown("?state=nonsense&about=nonsense&topic=99999999999999999999&before=x") == [often, never]
    assert shown(f"?before={often}") == [never]
    page = text_of(desk.get(url(shop, "cases")))
    assert "By month and topic" in page
    assert "Monthly shop news" in page


def test_who_waits_for_more_than_a_day_is_told_at_the_head_of_the_list(shop, reader, monkeypatch):
    from shodaku.console.views import cases

    opens(shop, reader[0])
    later = datetime.now(UTC) + timedelta(days=1, minutes=1)  # noqa: TID251 - a test is an edge
    monkeypatch.setattr(cases.clock, "now", lambda: later)
    page = text_of(at_desk(shop).get(url(shop, "cases")))
    assert "1 complaint waits for more than a day" in page


def test_a_case_that_is_not_there_is_not_found(shop):
    for name in ("case_stop", "case_note", "case_answered", "case_letter"):
        assert at_desk(shop).post(url(shop, name, 1), {"note": "x", "language": "ja"}).status_code == 404
    assert at_desk(shop).get(url(shop, "case", 1)).status_code == 404
