"""Who did what: acts of staff out of the ledger, narrowed in the URL, and taken along as a file."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from tests.console.desk import PASSWORD, at_desk, somebody, text_of, url
from tests.erasure.test_sealing import erase
from tests.people import a_reader, a_shop

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Role
from shodaku.complaints import services as complaints
from shodaku.complaints.domain import CaseGrievance, CaseVia
from shodaku.console import acts
from shodaku.kit import db
from shodaku.ledger import acts as ledger_acts
from shodaku.ledger import selectors as ledger
from shodaku.ledger import vault
from shodaku.ledger.selectors import WantedActs

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 11, 25, 3, 30, tzinfo=UTC)


@pytest.fixture
def shop():
    return a_shop()


def did(shop, kind="admin.exported", staff_id=1, at=NOW, **fields):
    acts.record_of(shop.workspace_id, staff_id, kind, fields, at)


def page(shop, wanted=WantedActs(), **more):  # noqa: B008 - frozen
    return ledger.acts_page(shop.workspace_id, wanted, **more)


def kinds(found):
    return [act.kind for act in found.acts]


def look(shop, role=Role.COMPLIANCE, **query):
    return at_desk(shop, role).get(url(shop, "audit"), query)


def test_what_staff_did_stands_with_who_when_and_to_what(shop):
    did(shop, "admin.topic.created", topic="news")
    (act,) = page(shop).acts
    assert (act.kind, act.by, act.at, act.exact) == ("admin.topic.created", "staff:1", NOW, True)
    assert dict(ledger.told_fields(act.fields)) == {"topic": "news"}


def test_acts_about_persons_stand_among_them_and_what_persons_did_does_not(shop):
    reader = a_reader(shop, "audit@example.jp")
    new = complaints.NewCase(
        via=CaseVia.MAIL, grievance=CaseGrievance.OTHER, address="audit@example.jp", words="secret words"
    )
    complaints.open_case(shop.workspace_id, new, NOW, by="staff:1")
    did(shop)
    found = page(shop)
    assert kinds(found) == ["admin.exported", "admin.case.opened"]
    assert found.acts[1].contact_id == reader
    shown = dict(ledger.told_fields(found.acts[1].fields))
    assert "secret words" not in str(shown)
    erase(shop, reader)
    (act,) = page(shop, WantedActs(kind="admin.case.opened")).acts
    assert (act.fields, act.by, act.contact_id, act.exact) == (None, None, None, False)
    assert act.at == NOW.replace(minute=0)


def test_pages_follow_one_another_and_none_is_left_out(shop):
    for number in range(7):
        did(shop, what=str(number))
    seen, before = [], None
    for _ in range(4):
        found = page(shop, before=before, rows_max=3)
        seen += [act.fields["what"] for act in found.acts]
        before = found.before
        if before is None:
            break
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]
    assert before is None


def test_a_search_for_who_opens_a_bounded_portion_and_says_where_to_go_on(shop, monkeypatch):
    monkeypatch.setattr(ledger_acts, "ACTS_OPENED_MAX", 3)
    did(shop, staff_id=7, what="sought")
    for _ in range(4):
        did(shop, staff_id=8)
    wanted = WantedActs(by="staff:7")
    first = page(shop, wanted)
    assert (first.acts, first.before is not None) == ([], True)
    second = page(shop, wanted, before=first.before)
    assert [act.fields["what"] for act in second.acts] == ["sought"]
    assert second.before is None


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (WantedActs(), ["c", "b", "a"]),
        (WantedActs(by="staff:2"), ["b"]),
        (WantedActs(kind="admin.revealed"), ["c"]),
        (WantedActs(thing="ALPHA"), ["a"]),
        (WantedActs(thing="staff"), []),  # who did it is not what it was done to
        (WantedActs(since=NOW - timedelta(minutes=30)), ["c", "b"]),
        (WantedActs(until=NOW - timedelta(minutes=30)), ["a"]),
        (WantedActs(since=datetime(1, 1, 1, 9, tzinfo=UTC)), ["c", "b", "a"]),
        (WantedActs(until=datetime(1960, 1, 1, tzinfo=UTC)), []),
    ],
)
def test_a_list_is_narrowed_by_who_what_when_and_to_what(shop, wanted, found):
    did(shop, what="a", campaign="alpha", at=NOW - timedelta(days=1))
    did(shop, what="b", staff_id=2)
    did(shop, "admin.revealed", what="c", at=NOW + timedelta(hours=1))
    assert [act.fields["what"] for act in page(shop, wanted).acts] == found


def test_acts_about_persons_are_found_by_an_index(shop):
    with db.transaction(shop.workspace_id) as connection:
        connection.execute("set local enable_seqscan = off")
        plan = connection.execute(
            "explain select e.entry_id from ledger_entry e where e.workspace_id = %s"
            """ and e.entry like '%%"kind":"admin.%%' order by e.entry_id desc limit 50""",
            [shop.workspace_id],
        ).fetchall()
    assert "ledger_entry_acts" in str(plan)


@pytest.mark.parametrize("role", [Role.CLERK, Role.MARKETER, Role.DEVELOPER])
def test_only_owners_and_compliance_look(shop, role):
    assert look(shop, role).status_code == 403
    home = text_of(at_desk(shop, role).get(url(shop, "rules")))
    assert url(shop, "audit") not in home
    assert url(shop, "audit") in text_of(at_desk(shop).get(url(shop, "rules")))


def test_the_page_says_it_in_words_and_names_nobody_by_address(shop):
    staff_id = somebody(Role.COMPLIANCE)
    accounts.join(shop.workspace_id, staff_id, Role.COMPLIANCE, now=NOW)
    did(shop, "admin.segment.saved", staff_id=staff_id, segment=12)
    did(shop, "admin.exported", staff_id=999_999, what="refusals", rows=3)
    shown = text_of(look(shop))
    assert "A segment was saved" in shown
    assert "森 美咲" in shown
    assert "Former member no. 999999" in shown
    assert "Who said no" in shown


def test_what_was_chosen_stays_in_the_url_of_the_next_page_and_in_the_form(shop):
    for _ in range(51):
        did(shop, what="refusals")
    shown = text_of(look(shop, act="admin.exported", thing="refusals", since="2026-01-01"))
    link = shown.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    query = parse_qs(urlsplit(link).query)
    assert {name: query[name] for name in ("act", "thing", "since")} == {
        "act": ["admin.exported"], "thing": ["refusals"], "since": ["2026-01-01"],
    }  # fmt: skip
    assert 'value="refusals"' in shown
    last = text_of(at_desk(shop, Role.COMPLIANCE).get(link))
    assert last.count("A list was exported</th>") == 1


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"thing": "hanako@example.jp"}, "An address does not belong here."),
        ({"thing": "hanako＠example.jp"}, "An address does not belong here."),
        ({"since": "2026-02-30"}, "Please correct 1 item"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "The last day comes before the first."),
        ({"act": "nonsense"}, "Please correct 1 item"),
        ({"who": "staff:0"}, "Please correct 1 item"),
        ({"thing": "あ" * 101}, "Please correct 1 item"),
    ],
)
def test_what_is_no_choice_is_said_in_a_sentence(shop, query, told):
    answer = look(shop, **query)
    assert (answer.status_code, told in text_of(answer)) == (422, True)


def test_nobody_matches_and_nothing_was_done_are_two_sentences(shop):
    assert "Nothing was done yet" in text_of(look(shop))
    assert "No act matches" in text_of(look(shop, act="admin.revealed"))
    assert "No act matches" in text_of(look(shop, until="9999-12-31", act="admin.revealed"))


def test_the_file_holds_the_same_acts_and_taking_it_along_is_one_more(shop):
    did(shop, "admin.segment.saved", segment="=cmd")
    did(shop, "admin.revealed", contact="5")
    desk = at_desk(shop, Role.COMPLIANCE)
    answer = desk.post(url(shop, "audit_file"), {"act": "admin.segment.saved"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[4] for row in rows[1:]] == ["admin.segment.saved"]
    assert rows[1][0].startswith("2026-11-25T")
    assert kinds(page(shop))[0] == "admin.exported"
    assert desk.post(url(shop, "audit_file"), {"act": "nonsense"}).status_code == 302


def test_while_the_key_store_is_away_kinds_and_hours_stand_and_no_file_is_made(shop, monkeypatch):
    did(shop, "admin.revealed", contact="5")

    def away(*_):
        raise vault.VaultAway

    with monkeypatch.context() as patch:
        patch.setattr(vault, "read", away)
        shown = text_of(look(shop, thing="nothing like it"))
        answer = at_desk(shop, Role.COMPLIANCE).post(url(shop, "audit_file"))
    assert "An address was shown in full" in shown
    assert "in the hour from" in shown
    assert answer.status_code == 503


def test_who_signs_in_leaves_a_trace_in_each_workspace_and_a_wrong_password_lets_nobody_in(shop):
    other = a_shop()
    staff_id = somebody(Role.CLERK)
    for each in (shop, other):
        accounts.join(each.workspace_id, staff_id, Role.CLERK, now=NOW)
    email = accounts.staff(staff_id).email
    assert Client().post("/accounts/login/", {"login": email, "password": "wrong"}).status_code == 200
    assert page(shop).acts == []
    answer = Client().post("/accounts/login/", {"login": email, "password": PASSWORD})
    assert answer.status_code == 302
    for each in (shop, other):
        assert [(act.kind, act.by) for act in page(each).acts] == [("admin.signed_in", f"staff:{staff_id}")]


def test_one_signs_in_while_the_key_store_is_away(shop, monkeypatch):
    staff_id = somebody(Role.CLERK)
    accounts.join(shop.workspace_id, staff_id, Role.CLERK, now=NOW)

    def away(*_):
        raise vault.VaultAway

    with monkeypatch.context() as patch:
        for name in ("read", "ensure", "read_to_seal"):
            patch.setattr(vault, name, away)
        email = accounts.staff(staff_id).email
        answer = Client().post("/accounts/login/", {"login": email, "password": PASSWORD})
    assert answer.status_code == 302


def test_a_workspace_sees_its_own_acts_alone(shop):
    did(shop)
    assert page(a_shop()).acts == []


def test_what_it_was_done_to_is_said_in_words_and_no_code_is_left(shop):
    reader = a_reader(shop, "coded@example.jp")
    new = complaints.NewCase(
        via=CaseVia.TELEPHONE, grievance=CaseGrievance.NEVER_AGREED, address="coded@example.jp", words="x"
    )
    complaints.open_case(shop.workspace_id, new, NOW, by="staff:1")
    did(shop, "admin.member.changed", role="compliance", staff=999_999)
    did(shop, "admin.opt_out_rule.changed", rule="erase")
    did(shop, "admin.clocks", asks=True, forgets=False)
    did(shop, "admin.exported", what="contacts", addresses="masked")
    did(shop, "admin.imported", basis="consent", exemption="soft_optin")
    japanese = text_of(at_desk(shop, Role.COMPLIANCE, language="ja").get(url(shop, "audit")))
    told = (
        "苦情の案件の開始",
        "電話",
        "同意した覚えがない",
        "法務担当",
        "以前の担当者 999999番",
        "すべてを停止し",
        "伏せ字",
        "受け取りに同意している",
        "ソフトオプトイン",
    )
    assert [words for words in told if words not in japanese.replace("<wbr>", "")] == []
    assert [
        code
        for code in (
            "never_agreed",
            " telephone",
            " compliance",
            "asks",
            "forgets",
            "masked",
            "addresses",
            "soft_optin",
        )
        if code in japanese
    ] == []
    erase(shop, reader)
    english = text_of(look(shop, act="erased"))
    assert "Unreadable in every backup" in english
    assert '{"address' not in english


def test_an_act_is_found_by_the_word_that_the_page_shows_for_a_code(shop):
    did(shop, "admin.member.changed", role="compliance", staff=7)
    did(shop, "admin.member.changed", role="clerk", staff=8)
    shown = text_of(look(shop, thing="complian"))
    assert (shown.count("A member got another role</th>"), "Former member no. 7" in shown) == (1, True)
    japanese = at_desk(shop, Role.COMPLIANCE, language="ja").get(url(shop, "audit"), {"thing": "事務"})
    assert "以前の担当者 8番" in text_of(japanese)
    assert "以前の担当者 7番" not in text_of(japanese)


def test_a_hash_is_told_by_its_ends_on_the_page_and_whole_in_the_file(shop):
    digest = "ab12" * 15 + "cd34"
    did(shop, "admin.segment.saved", form_sha256=digest)
    desk = at_desk(shop, Role.COMPLIANCE)
    shown = text_of(desk.get(url(shop, "audit")))
    assert (digest in shown, "cd34" in shown) == (False, True)
    assert digest in desk.post(url(shop, "audit_file"), {}).content.decode()
