"""The ledger page shows what was checked and when, and is quick however long the log is."""

from __future__ import annotations

import dataclasses
import json
import uuid
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from tests.console.desk import at_desk, text_of, url
from tests.ledger.authorities import Witness
from tests.ledger.tampering import with_the_database_in_hand
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Act, Role, may
from shodaku.consent import jobs
from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.kit import clock, db, runtime
from shodaku.kit.queue import JobState
from shodaku.ledger import selectors, services
from shodaku.ledger.merkle import verify_inclusion
from shodaku.ledger.notes import read_note
from shodaku.ledger.selectors import AnchorFault, AnchorFaultCode, AnchorKind

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
HTMX = {"hx-request": "true"}
SEAL = 'class="seal"'
KEEPERS = [role for role in Role if may(role, Act.KEEP_EVIDENCE)]
OTHERS = [role for role in Role if not may(role, Act.KEEP_EVIDENCE)]


@pytest.fixture
def shop():
    shop = a_shop()
    for _ in range(3):
        a_reader(shop)
    take_up(shop)
    return shop


def take_up(shop):
    services.sequence_all(shop.workspace_id, now=NOW)
    return selectors.head(shop.workspace_id)


def main_of(answer):
    return unescape(text_of(answer).partition("<main")[2].partition("</main>")[0])


def audit_card(page):
    return page.partition('aria-labelledby="h-audit"')[2].partition("</section>")[0]


def get(shop, role=Role.OWNER, *, name="ledger", arguments=(), query="", status=200, **desk):
    answer = at_desk(shop, role, **desk).get(url(shop, name, *arguments) + query)
    assert answer.status_code == status
    return answer


def acts(shop, kind):
    return [each.fields for each in selectors.history(shop.workspace_id, 0) if each.kind == kind]


def in_state(shop, state, attempts=0):
    """The job as a worker leaves it while it is at it, or after it failed."""
    with db.transaction(shop.workspace_id) as connection:
        changed = connection.execute(
            "update procrastinate_jobs set status = %s::procrastinate_job_status, attempts = %s"
            " where lock = %s and status in ('todo', 'doing')",
            [state, attempts, f"audit-{shop.workspace_id}"],
        )
        assert changed.rowcount == 1


def test_the_page_tells_the_name_size_time_key_and_what_waits(shop):
    a_reader(shop)
    page = main_of(get(shop))
    log, head = selectors.log(shop.workspace_id), selectors.head(shop.workspace_id)
    (vkey,) = selectors.verifier_keys(shop.workspace_id)
    assert log.origin in page
    assert '<dd class="num">3</dd>' in page
    assert '<dd class="num">1</dd>' in page  # waits
    assert head.root.hex()[:4] in page
    assert f'<code id="vkey-1" tabindex="0">{vkey}</code>' in page
    for place in (f"/ledger/{shop.slug}/checkpoint", "/verify/", "/verify/shodaku-verify.py"):
        assert f'href="{place}"' in page


def test_a_log_without_entries_has_a_page_too():
    page = main_of(get(a_shop()))
    assert "Not checked yet." in page
    assert "The first entry makes the first checkpoint." in page
    assert "What strangers may read" not in page


def test_looking_reads_nothing_again_and_needs_no_key_store(shop):
    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away):
        get(shop)
    assert selectors.last_audit(shop.workspace_id) is None


def test_the_seal_stands_while_the_last_check_agreed_and_is_younger_than_two_days(shop):
    assert SEAL not in audit_card(main_of(get(shop)))
    consent.audit(shop.workspace_id, now=NOW)
    with clock.standing_at(NOW + timedelta(days=2) - timedelta(seconds=1)):
        card = audit_card(main_of(get(shop)))
    assert (SEAL in card, "Everything agrees." in card) == (True, True)
    with clock.standing_at(NOW + timedelta(days=2)):
        card = audit_card(main_of(get(shop)))
    assert (SEAL in card, "more than two days ago" in card) == (False, True)


def test_what_was_not_compared_is_said(shop):
    consent.audit(shop.workspace_id, now=NOW)
    assert "It was not compared with copies from outside." in main_of(get(shop))
    note = read_note(selectors.head(shop.workspace_id).note)
    consent.audit(shop.workspace_id, now=NOW + timedelta(seconds=1), outside=[note])
    assert "1 checkpoint from outside agrees." in main_of(get(shop))


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Place 1 of the log: the entry is not the one that was taken up."),
        ("ja", "台帳の1番目：記録が、書き込まれたときのものではありません。"),
    ],
)
def test_what_does_not_agree_is_told_in_sentences_and_gets_no_seal(shop, database, language, sentence):
    number = selectors.leaf_at(shop.workspace_id, 1).entry_id
    with with_the_database_in_hand(database, shop, "ledger_entry") as owner:
        owner.execute(
            "update ledger_entry set entry = replace(entry, 'confirmed', 'given') where entry_id = %s",
            [number],
        )
    consent.audit(shop.workspace_id, now=NOW)
    card = audit_card(main_of(get(shop, language=language)))
    assert sentence in card
    assert (SEAL in card, 'data-tone="danger"' in card) == (False, True)


def test_a_fault_of_a_kind_that_this_version_does_not_know_is_shown_by_its_code(shop):
    finding = {"entries": 1, "opened": 1, "shredded": 0, "checkpoints": 1, "outside": 0}
    finding["faults"] = [{"kind": "from_the_future", "number": 7}]
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "insert into ledger_audit (workspace_id, at, size, seconds, consistent, finding)"
            " values (%s, %s, 1, 0, false, %s::jsonb)",
            [shop.workspace_id, NOW, json.dumps(finding)],
        )
    assert "from_the_future 7" in audit_card(main_of(get(shop)))


def test_a_check_is_asked_for_once_runs_in_the_background_and_ends_with_its_answer(shop):
    desk = at_desk(shop, Role.COMPLIANCE)
    for _ in range(2):
        answer = desk.post(url(shop, "ledger_check"))
        assert (answer.status_code, answer["Location"]) == (302, url(shop, "ledger"))
    assert consents.audit_state(shop.workspace_id) is JobState.WAITING
    page = main_of(desk.get(url(shop, "ledger")))
    assert "Waits for its turn" in page
    assert f'hx-get="{url(shop, "ledger_checking")}" hx-trigger="every 2s"' in page
    assert "Check now" not in page
    in_state(shop, "doing")
    assert "Being checked" in main_of(desk.get(url(shop, "ledger")))
    part = desk.get(url(shop, "ledger_checking"), headers=HTMX)
    assert text_of(part) in text_of(desk.get(url(shop, "ledger")))
    jobs.JOBS["consent.audit_one"](shop.workspace_id)
    in_state(shop, "succeeded")
    assert consents.audit_state(shop.workspace_id) is None
    assert desk.get(url(shop, "ledger_checking"), headers=HTMX)["HX-Refresh"] == "true"
    assert "Everything agrees." in main_of(desk.get(url(shop, "ledger")))


def test_a_check_that_broke_off_says_so(shop):
    at_desk(shop).post(url(shop, "ledger_check"))
    in_state(shop, "todo", attempts=1)
    assert consents.audit_state(shop.workspace_id) is JobState.AGAIN
    assert "The check broke off and is tried again" in main_of(get(shop))


def test_while_a_check_runs_another_may_wait_and_the_page_tells_of_the_one_that_runs(shop):
    consent.ask_for_audit(shop.workspace_id)
    in_state(shop, "doing")
    consent.ask_for_audit(shop.workspace_id)
    assert consents.audit_state(shop.workspace_id) is JobState.RUNNING


def test_without_script_the_address_of_the_line_leads_to_the_page(shop):
    answer = get(shop, name="ledger_checking", status=302)
    assert answer["Location"] == url(shop, "ledger")


def test_a_check_of_one_shop_is_none_of_another(shop):
    consent.ask_for_audit(shop.workspace_id)
    assert consents.audit_state(a_shop().workspace_id) is None


def test_what_stands_at_a_place_is_shown_with_its_way_to_the_signed_root(shop):
    page = main_of(get(shop, query="?index=1"))
    leaf = selectors.leaf_at(shop.workspace_id, 1)
    assert "Consent confirmed" in page
    assert leaf.hash.hex() in page
    assert leaf.entry in page
    assert "Size of the signed log: 3. Hashes from this entry to its root: 2." in page
    assert f'href="{url(shop, "ledger_proof", 1)}"' in page


def test_an_act_of_staff_is_named_at_its_place(shop):
    at_desk(shop).post(url(shop, "reveal", a_reader(shop)))
    take_up(shop)
    index = selectors.head(shop.workspace_id).size - 1
    assert "An address was shown in full" in main_of(get(shop, query=f"?index={index}"))


@pytest.mark.parametrize("index", ["", "x", "-1", "1.5", "１", "1" * 19, "0x1", "%00"])
def test_what_is_no_place_is_answered_with_a_sentence(shop, index):
    page = main_of(get(shop, query=f"?index={index}", status=422))
    assert "A place is a whole number. The first one is 0." in page
    assert 'aria-invalid="true"' in page


@pytest.mark.parametrize("index", ["3", "9" * 18])
def test_a_place_beyond_the_log_is_answered_with_a_sentence(shop, index):
    page = main_of(get(shop, query=f"?index={index}", status=404))
    assert "Nothing stands at this place: the log is shorter." in page


def test_an_altered_entry_is_shown_without_seal_and_gives_no_proof(shop, database):
    number = selectors.leaf_at(shop.workspace_id, 1).entry_id
    with with_the_database_in_hand(database, shop, "ledger_entry") as owner:
        owner.execute("update ledger_entry set entry = '<script>' where entry_id = %s", [number])
    answer = get(shop, query="?index=1")
    assert "It does not lead to the signed root." in main_of(answer)
    assert SEAL not in main_of(answer)
    assert "&lt;script&gt;" in text_of(answer)
    get(shop, name="ledger_proof", arguments=[1], status=404)


def test_the_proof_of_a_place_is_a_file_that_holds_and_names_nobody(shop):
    answer = get(shop, Role.CLERK, name="ledger_proof", arguments=[1])
    head, leaf = selectors.head(shop.workspace_id), selectors.leaf_at(shop.workspace_id, 1)
    text = text_of(answer)
    assert text == leaf.tlog_proof()
    assert verify_inclusion(leaf.hash, 1, head.size, leaf.proof, head.root)
    assert answer["Content-Disposition"] == f'attachment; filename="{shop.slug}-1.tlog-proof"'
    get(shop, name="ledger_proof", arguments=[3], status=404)


def test_an_earlier_checkpoint_can_be_taken_along(shop):
    first = selectors.head(shop.workspace_id)
    a_reader(shop)
    take_up(shop)
    page = main_of(get(shop))
    assert [url(shop, "ledger_checkpoint", size) in page for size in (3, 4)] == [True, True]
    assert text_of(get(shop, name="ledger_checkpoint", arguments=[3])) == first.note
    get(shop, name="ledger_checkpoint", arguments=[2], status=404)


def test_only_the_newest_twenty_checkpoints_are_listed():
    shop = a_shop()
    for _ in range(21):
        a_reader(shop)
        take_up(shop)
    page = main_of(get(shop))
    listed = [url(shop, "ledger_checkpoint", size) in page for size in range(1, 22)]
    assert listed == [False] + [True] * 20


def test_an_owner_publishes_entries_and_takes_it_back_and_both_stand_in_the_ledger(shop):
    desk = at_desk(shop)
    assert "Hashes only." in main_of(desk.get(url(shop, "ledger")))
    answer = desk.post(url(shop, "ledger_publish"), {"entries": "1"}, follow=True)
    assert "Entries are public from now on." in main_of(answer)
    assert selectors.log(shop.workspace_id).publishes_entries
    desk.post(url(shop, "ledger_publish"), {"entries": "0"})
    assert not selectors.log(shop.workspace_id).publishes_entries
    assert [each["entries"] for each in acts(shop, "admin.ledger.published")] == [True, False]


def test_where_nothing_is_in_the_log_nothing_is_published():
    shop = a_shop()
    answer = at_desk(shop).post(url(shop, "ledger_publish"), {"entries": "1"}, follow=True)
    assert "there is nothing to publish" in main_of(answer)
    assert acts(shop, "admin.ledger.published") == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
def test_only_an_owner_says_what_strangers_may_read(shop, role):
    desk = at_desk(shop, role)
    assert desk.post(url(shop, "ledger_publish"), {"entries": "1"}).status_code == 403
    assert url(shop, "ledger_publish") not in main_of(desk.get(url(shop, "ledger")))


def test_owner_and_compliance_keep_the_evidence_and_nobody_else(shop):
    assert KEEPERS == [Role.OWNER, Role.COMPLIANCE]


@pytest.mark.parametrize("role", OTHERS)
def test_who_does_not_keep_the_evidence_reads_the_page_and_changes_nothing(shop, role):
    desk = at_desk(shop, role)
    page = main_of(desk.get(url(shop, "ledger")))
    for name, arguments in (("ledger_check", ()), ("ledger_anchor", ()), ("ledger_anchor_remove", (1,))):
        assert desk.post(url(shop, name, *arguments)).status_code == 403
        assert url(shop, name, *arguments) not in page


@pytest.fixture
def witness():
    return str(Witness("witness.example.org/w1").key)


def add(desk, shop, **said):
    return desk.post(url(shop, "ledger_anchor"), {"vkey": "", **said})


def test_a_mailbox_is_added_masked_on_the_page_and_removed_again(shop):
    desk = at_desk(shop, Role.COMPLIANCE)
    address = f"keeper-{uuid.uuid4().hex[:8]}@example.jp"
    assert add(desk, shop, kind="mail", place=address).status_code == 302
    (target,) = selectors.targets(shop.workspace_id)
    page = main_of(desk.get(url(shop, "ledger")))
    assert ("k****@example.jp" in page, address in page) == (True, False)
    assert add(desk, shop, kind="mail", place=address).status_code == 422
    answer = desk.post(url(shop, "ledger_anchor_remove", target.target_id), follow=True)
    assert "Removed." in main_of(answer)
    assert selectors.targets(shop.workspace_id) == []
    again = desk.post(url(shop, "ledger_anchor_remove", target.target_id), follow=True)
    assert "removed already" in main_of(again)


def test_a_witness_is_added_with_its_key(shop, witness):
    desk = at_desk(shop)
    assert add(desk, shop, kind="witness", place="https://witness.example/", vkey=witness).status_code == 302
    (target,) = selectors.targets(shop.workspace_id)
    assert (target.kind, target.vkey) == (AnchorKind.WITNESS, witness)
    (act,) = acts(shop, "admin.anchor.added")
    assert act["by"].startswith("staff:")


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"kind": "mail", "place": "nobody"}, "place", "This is not an e-mail address"),
        ({"kind": "mail", "place": "a@example.jp", "vkey": "x"}, "vkey", "A mailbox signs nothing"),
        ({"kind": "witness", "place": "witness.example", "vkey": "x"}, "place", "begins with http"),
        ({"kind": "witness", "place": "https://w.example:81/", "vkey": "x"}, "place", "Only the ports 80"),
        ({"kind": "witness", "place": "https://w.example/", "vkey": "x"}, "vkey", "A witness needs its"),
        ({"kind": "witness", "place": "https://w.example/"}, "vkey", "A witness needs its"),
        ({"kind": "rfc3161", "place": "https://t.example/", "vkey": "tsa.pem"}, "vkey", "Name the full path"),
        ({"kind": "rfc3161", "place": "https://t.example/", "vkey": "/none.pem"}, "vkey", "Name the full"),
        ({"kind": "file", "place": "/tmp"}, "kind", "file"),  # noqa: S108 - a page writes to no disk
        ({"kind": "git", "place": "/tmp"}, "kind", "git"),  # noqa: S108
        ({"kind": "", "place": "https://t.example/"}, "kind", "required"),
        ({"kind": "mail", "place": ""}, "place", "required"),
        ({"kind": "mail", "place": "x" * 501}, "place", "500"),
    ],
)
def test_what_cannot_be_a_place_outside_is_told_beside_its_field(shop, said, field, sentence):
    answer = add(at_desk(shop), shop, **said)
    assert answer.status_code == 422
    errors = answer.context["anchor_form"].errors
    assert list(errors) == [field]
    assert sentence in unescape(str(errors[field]))
    assert f'value="{said["place"]}"' in main_of(answer)
    assert selectors.targets(shop.workspace_id) == []


def test_without_the_part_for_time_stamps_the_choice_says_so(shop, monkeypatch):
    from shodaku.ledger.anchors import timestamp

    def absent(_name):
        raise ImportError

    monkeypatch.setattr(timestamp, "import_module", absent)
    answer = add(at_desk(shop), shop, kind="rfc3161", place="https://t.example/")
    assert "install shodaku[anchor]" in unescape(str(answer.context["anchor_form"].errors["kind"]))


def test_a_ninth_place_is_refused_above_the_form(shop, witness):
    desk = at_desk(shop)
    for number in range(8):
        add(desk, shop, kind="witness", place=f"https://w{number}.example/", vkey=witness)
    answer = add(desk, shop, kind="witness", place="https://w9.example/", vkey=witness)
    assert (answer.status_code, "at most 8 places" in main_of(answer)) == (422, True)


def test_without_the_key_store_no_place_is_added(shop, witness):
    desk = at_desk(shop)
    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away):
        answer = add(desk, shop, kind="witness", place="https://w.example/", vkey=witness)
    assert (answer.status_code, "The key store cannot be reached" in main_of(answer)) == (422, True)
    assert selectors.targets(shop.workspace_id) == []


def test_what_is_in_the_way_of_a_place_is_told_and_a_contradiction_is_an_alarm(shop, witness):
    desk = at_desk(shop)
    add(desk, shop, kind="witness", place="https://w.example/", vkey=witness)
    (target,) = selectors.targets(shop.workspace_id)
    for code, alarming in ((AnchorFaultCode.UNREACHABLE, False), (AnchorFaultCode.OTHER_HISTORY, True)):
        services.keep_fault(shop.workspace_id, target.target_id, AnchorFault(code), tried_at=NOW)
        page = main_of(desk.get(url(shop, "ledger")))
        assert AnchorFault(code).sentence("en") in page
        assert ("contradicts the log here" in page) is alarming
        assert ("contradicts the log here" in main_of(desk.get(url(shop, "home")))) is alarming


def test_the_level_that_was_reached_is_said(shop, witness):
    desk = at_desk(shop)
    assert "Nothing is kept outside" in main_of(desk.get(url(shop, "ledger")))
    add(desk, shop, kind="witness", place="https://w.example/", vkey=witness)
    head = take_up(shop)
    (target,) = selectors.targets(shop.workspace_id)
    services.keep_receipt(shop.workspace_id, target.target_id, head.size, b"line\n", at=NOW, tried_at=NOW)
    page = main_of(desk.get(url(shop, "ledger")))
    assert "Somebody else signed it" in page
    assert f"Covered so far: {head.size} of {head.size}." in page
    # the line of the witness goes along with the checkpoint
    assert text_of(get(shop, name="ledger_checkpoint", arguments=[head.size])) == head.note + "line\n"


def test_whoever_is_not_signed_in_gets_no_checkpoint_from_the_desk(shop):
    answer = Client().get(url(shop, "ledger_checkpoint", 3))
    assert answer["Location"].startswith("/accounts/login/")


def test_entries_that_wait_for_more_than_a_minute_are_told_on_both_pages(shop):
    a_reader(shop)
    since = selectors.backlog(shop.workspace_id).since
    for seconds, told in ((59, False), (61, True)):
        with clock.standing_at(since + timedelta(seconds=seconds)):
            for name in ("ledger", "home"):
                assert ("shodaku worker --plane ledger" in main_of(get(shop, name=name))) is told
