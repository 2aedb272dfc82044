"""One act on many people of the list: chosen, shown in numbers, begun once, and nobody else is touched."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.console.test_contacts import no
from tests.people import a_contact, a_reader, a_shop, agree

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import OptOutRule, Role
from shodaku.contacts import selectors as contacts
from shodaku.erasure import selectors as erasures
from shodaku.kit import db, stopping
from shodaku.ledger import selectors as ledger
from shodaku.optout import bulk, jobs
from shodaku.optout import selectors as optout
from shodaku.optout.services import BulkState
from shodaku.signup import services as signup
from shodaku.suppression import selectors as suppressions
from shodaku.suppression.domain import Scope

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
AGO = NOW - timedelta(days=3)
VIA = {"via": "telephone"}
ERASING = VIA | {"typed": "消去"}


@pytest.fixture
def shop():
    return a_shop()


def refused(shop, contact_id):
    return any(each.scope is Scope.ALL for each in suppressions.refusals(shop.workspace_id, contact_id))


def being_erased(shop, *people):
    return set(erasures.requested_of(shop.workspace_id, people))


def chosen(desk, shop, do, people, *, query="", **more):
    """The number of the act; the preview is where the answer leads."""
    answer = desk.post(url(shop, "bulk_choose") + query, {"do": do, "whom": "ticked", "id": people, **more})
    (number,) = re.findall(r"/contacts/bulk/(\d+)/$", answer["Location"])
    return int(number)


def found(desk, shop, do, query):
    return chosen(desk, shop, do, [], query=query, whom="found")


def begun(desk, shop, number, said=VIA):
    assert desk.post(url(shop, "bulk_begin", number), said).status_code == 302
    return text_of(desk.get(url(shop, "bulk", number)))


def of(shop, number):
    return optout.bulk(shop.workspace_id, number)


def test_the_ticked_people_are_stopped_by_the_second_press_and_nobody_by_the_first(shop):
    ticked, other = [a_reader(shop, at=AGO), a_reader(shop, at=AGO)], a_reader(shop, at=AGO)
    desk = at_desk(shop)
    number = chosen(desk, shop, "stop", ticked)
    preview = text_of(desk.get(url(shop, "bulk", number)))
    assert "2 people get no advertising any more" in preview
    assert "Stop for 2 people" in preview
    assert not any(refused(shop, each) for each in ticked)
    assert "Stopped for 2 people." in begun(desk, shop, number)
    assert [refused(shop, each) for each in (*ticked, other)] == [True, True, False]


def test_each_no_is_written_down_as_a_single_one_is(shop):
    by_hand, in_bulk = a_reader(shop, at=AGO), a_reader(shop, at=AGO)
    desk = at_desk(shop)
    desk.post(url(shop, "refuse", by_hand), {"scope": "all", **VIA})
    begun(desk, shop, chosen(desk, shop, "stop", [in_bulk]))
    hand, bulked = (ledger.history(shop.workspace_id, each)[-1] for each in (by_hand, in_bulk))
    assert hand.kind == bulked.kind == "consent.withdrawn"
    alone = {"address": "", "at": ""}
    assert {**hand.fields, **alone} == {**bulked.fields, **alone}
    assert bulked.fields["by"].startswith("staff:")


def test_the_preview_says_of_whom_nothing_changes_and_who_stops_besides(shop):
    before, also, ticked = a_reader(shop, at=AGO), a_reader(shop, at=AGO), a_reader(shop, at=AGO)
    no(shop, before)
    with db.transaction(shop.workspace_id):
        signup.join(also, ticked, now=AGO)
    desk = at_desk(shop)
    number = chosen(desk, shop, "stop", [before, ticked])
    preview = text_of(desk.get(url(shop, "bulk", number)))
    assert "2 people chosen" in preview
    assert "For 1 nothing changes: all advertising was stopped before." in preview
    assert "1 more contact of the same people stops too." in preview
    assert "Stop for 1 person" in preview
    (first,) = suppressions.refusals(shop.workspace_id, before)
    page = begun(desk, shop, number)
    assert suppressions.refusals(shop.workspace_id, before) == [first]
    assert (of(shop, number).changed, of(shop, number).same) == (1, 1)
    assert [refused(shop, each) for each in (also, ticked)] == [True, True]
    assert "Download who was left out, by number" in page
    file = desk.post(url(shop, "bulk_left", number)).content.decode("utf-8-sig")
    assert [line.split(",")[0] for line in file.splitlines()[1:]] == [str(before)]


def test_to_erase_the_word_must_be_typed_and_what_was_entered_stays(shop):
    who = a_reader(shop, at=AGO)
    desk = at_desk(shop)
    number = chosen(desk, shop, "erase", [who])
    answer = desk.post(url(shop, "bulk_begin", number), VIA | {"typed": "yes"})
    assert answer.status_code == 422
    assert "Erasing cannot be undone. Type “erase” to go on." in text_of(answer)
    assert re.search(r'value="telephone"[^>]* (selected|checked)', text_of(answer))
    assert being_erased(shop, who) == set()
    page = begun(desk, shop, number, ERASING)
    assert "1 person was stopped, and is being erased." in page
    assert being_erased(shop, who) == {who}
    again = chosen(desk, shop, "erase", [who])
    assert "1 is left out: already being erased." in text_of(desk.get(url(shop, "bulk", again)))


def test_all_who_match_are_meant_as_the_list_is_narrowed_down(shop):
    agreed, none = [a_reader(shop, at=AGO), a_reader(shop, at=AGO)], a_contact(shop, now=AGO)
    desk = at_desk(shop)
    assert "All who match" in text_of(desk.get(f"{url(shop, 'contacts')}?state=agreed"))
    number = found(desk, shop, "erase", "?state=agreed")
    begun(desk, shop, number, ERASING)
    assert being_erased(shop, *agreed, none) == set(agreed)


def test_without_narrowing_down_nobody_is_chosen(shop):
    a_reader(shop, at=AGO)
    desk = at_desk(shop)
    assert "All who match" not in text_of(desk.get(url(shop, "contacts")))
    answer = desk.post(url(shop, "bulk_choose"), {"do": "stop", "whom": "found"}, follow=True)
    assert "Narrow the list down first; nobody was chosen." in text_of(answer)
    assert optout.bulks(shop.workspace_id, 5) == []


@pytest.mark.parametrize(
    ("people", "sentence"),
    [
        ([], "Nobody is ticked. Tick the people first; nothing was changed."),
        (["²", "x", "9" * 40], "Nobody is ticked. Tick the people first; nothing was changed."),
        (list(range(1, 202)), "At most 200 people can be ticked at once."),
    ],
)
def test_what_cannot_be_chosen_is_said_and_changes_nothing(shop, people, sentence):
    answer = at_desk(shop).post(
        url(shop, "bulk_choose"), {"do": "stop", "whom": "ticked", "id": people}, follow=True
    )
    assert sentence in text_of(answer)
    assert optout.bulks(shop.workspace_id, 5) == []


def test_nobody_of_another_workspace_is_chosen_by_number(shop):
    stranger = a_reader(a_shop(), at=AGO)
    desk = at_desk(shop)
    number = chosen(desk, shop, "stop", [stranger])
    assert of(shop, number).people == 0
    assert "Nobody matches. Nobody was changed." in text_of(desk.get(url(shop, "bulk", number)))


def test_who_comes_after_the_preview_is_not_in_it(shop):
    a_reader(shop, at=AGO)
    desk = at_desk(shop)
    number = found(desk, shop, "stop", "?state=agreed")
    late = a_reader(shop, at=AGO)
    begun(desk, shop, number)
    assert not refused(shop, late)


def test_pressed_twice_it_is_one_act_and_each_slice_is_told_once(shop, monkeypatch):
    people = [a_reader(shop, at=AGO) for _ in range(5)]
    monkeypatch.setattr(bulk, "SLICE_PEOPLE", 2)
    desk = at_desk(shop)
    number = chosen(desk, shop, "stop", people)
    for _ in range(2):
        begun(desk, shop, number)
        jobs.bulk_run(shop.workspace_id, number)
    assert (of(shop, number).state, of(shop, number).changed) == (BulkState.DONE, 5)
    assert [len(suppressions.refusals(shop.workspace_id, each)) for each in people] == [1] * 5


def test_killed_after_a_slice_and_before_it_was_counted_nothing_happens_twice(shop, monkeypatch):
    people = [a_reader(shop, at=AGO) for _ in range(4)]
    monkeypatch.setattr(bulk, "SLICE_PEOPLE", 2)
    desk = at_desk(shop)
    number = chosen(desk, shop, "stop", people)
    begun(desk, shop, number)
    does = bulk._do

    class Killed(Exception):
        pass

    def killed(*said):
        does(*said)
        raise Killed

    monkeypatch.setattr(bulk, "_do", killed)
    with pytest.raises(Killed):
        jobs.bulk_run(shop.workspace_id, number)
    assert of(shop, number).people_done == 0
    monkeypatch.setattr(bulk, "_do", does)
    jobs.bulk_run(shop.workspace_id, number)
    assert (of(shop, number).changed, of(shop, number).same) == (4, 0)
    assert [len(suppressions.refusals(shop.workspace_id, each)) for each in people] == [1] * 4


def test_paused_it_rests_and_goes_on_behind_the_last_slice(shop, monkeypatch):
    people = [a_reader(shop, at=AGO) for _ in range(3)]
    monkeypatch.setattr(bulk, "SLICE_PEOPLE", 1)
    desk = at_desk(shop)
    number = chosen(desk, shop, "stop", people)
    begun(desk, shop, number)
    desk.post(url(shop, "bulk_pause", number))
    jobs.bulk_run(shop.workspace_id, number)
    assert not any(refused(shop, each) for each in people)
    assert "Paused. What was done stays done" in text_of(desk.get(url(shop, "bulk", number)))
    desk.post(url(shop, "bulk_resume", number))
    monkeypatch.setattr(stopping, "asked", lambda: True)
    jobs.bulk_run(shop.workspace_id, number)
    assert of(shop, number).people_done == 0
    monkeypatch.setattr(stopping, "asked", lambda: False)
    jobs.bulk_run(shop.workspace_id, number)
    assert all(refused(shop, each) for each in people)


def test_many_are_found_by_a_job_which_begins_again_when_it_was_killed(shop, monkeypatch):
    people = [a_reader(shop, at=AGO) for _ in range(5)]
    monkeypatch.setattr(bulk, "CHOSEN_AT_ONCE_PEOPLE", 1)
    monkeypatch.setattr(bulk, "CHOSEN_AT_A_TIME_PEOPLE", 2)
    desk = at_desk(shop)
    number = found(desk, shop, "stop", "?state=agreed")
    page = text_of(desk.get(url(shop, "bulk", number)))
    assert "People found so far" in page
    assert "hx-get" in page
    looks = bulk._pages

    def interrupted(*said):
        yield next(looks(*said))
        raise RuntimeError("killed")

    monkeypatch.setattr(bulk, "_pages", interrupted)
    with pytest.raises(RuntimeError):
        jobs.bulk_choose(shop.workspace_id, number)
    assert (of(shop, number).state, of(shop, number).people) == (BulkState.CHOOSING, 2)
    monkeypatch.setattr(bulk, "_pages", looks)
    jobs.bulk_choose(shop.workspace_id, number)
    jobs.bulk_choose(shop.workspace_id, number)
    assert (of(shop, number).state, of(shop, number).people) == (BulkState.CHOSEN, 5)
    begun(desk, shop, number)
    assert all(refused(shop, each) for each in people)


@pytest.mark.parametrize(("most", "state"), [(3, BulkState.CHOSEN), (2, BulkState.TOO_MANY)])
def test_more_people_than_the_limit_are_not_taken_in_part(shop, monkeypatch, most, state):
    for _ in range(3):
        a_reader(shop, at=AGO)
    monkeypatch.setattr(bulk, "BULK_PEOPLE_MAX", most)
    monkeypatch.setattr(bulk, "CHOSEN_AT_ONCE_PEOPLE", 1)
    monkeypatch.setattr(bulk, "CHOSEN_AT_A_TIME_PEOPLE", 1)
    desk = at_desk(shop)
    number = found(desk, shop, "stop", "?state=agreed")
    jobs.bulk_choose(shop.workspace_id, number)
    assert (of(shop, number).state, of(shop, number).people) == (state, 3 if most == 3 else 0)
    page = begun(desk, shop, number)
    assert ("Narrow the list down, then choose again. Nobody was changed." in page) == (most == 2)


def test_whoever_may_not_erase_one_person_erases_nobody_in_bulk(shop):
    who = a_reader(shop, at=AGO)
    clerk = at_desk(shop, Role.CLERK)
    answer = clerk.post(url(shop, "bulk_choose"), {"do": "erase", "whom": "ticked", "id": [who]})
    assert answer.status_code == 403
    number = chosen(at_desk(shop), shop, "erase", [who])
    assert clerk.post(url(shop, "bulk_begin", number), ERASING).status_code == 403
    assert being_erased(shop, who) == set()
    begun(clerk, shop, chosen(clerk, shop, "stop", [who]))
    assert refused(shop, who)


def test_where_the_rule_is_to_erase_a_no_of_many_erases_and_needs_the_word(shop):
    who = a_reader(shop, at=AGO)
    accounts.change_opt_out_rule(shop.workspace_id, OptOutRule.ERASE, "")
    desk = at_desk(shop)
    assert 'value="stop"' not in text_of(desk.get(url(shop, "contacts")))
    number = chosen(desk, shop, "stop", [who])
    assert of(shop, number).act == "erase"
    assert desk.post(url(shop, "bulk_begin", number), VIA).status_code == 422
    clerk = at_desk(shop, Role.CLERK)
    assert 'name="do"' not in text_of(clerk.get(url(shop, "contacts")))


def test_a_stop_that_was_shown_as_a_stop_erases_nobody_when_the_rule_changes(shop):
    who = a_reader(shop, at=AGO)
    desk = at_desk(shop)
    number = chosen(desk, shop, "stop", [who])
    accounts.change_opt_out_rule(shop.workspace_id, OptOutRule.ERASE, "")
    begun(desk, shop, number)
    assert (refused(shop, who), being_erased(shop, who)) == (True, set())


def test_who_agreed_again_after_the_preview_was_chosen_and_is_stopped(shop):
    who = a_reader(shop, at=AGO)
    no(shop, who)
    desk = at_desk(shop)
    number = chosen(desk, shop, "stop", [who, a_reader(shop, at=AGO)])
    agree(shop, who)
    begun(desk, shop, number)
    assert len(suppressions.refusals(shop.workspace_id, who)) == 2


def test_thrown_away_before_it_began_it_is_gone_and_afterwards_it_stays(shop):
    who = a_reader(shop, at=AGO)
    desk = at_desk(shop)
    number = chosen(desk, shop, "stop", [who])
    assert desk.post(url(shop, "bulk_discard", number))["Location"] == url(shop, "contacts")
    assert desk.get(url(shop, "bulk", number)).status_code == 404
    kept = chosen(desk, shop, "stop", [who])
    begun(desk, shop, kept)
    desk.post(url(shop, "bulk_discard", kept))
    assert of(shop, kept).state == BulkState.DONE


def test_a_preview_is_kept_for_a_day_and_a_result_for_thirty(shop):
    who = a_reader(shop, at=AGO)
    desk = at_desk(shop)
    left, done = chosen(desk, shop, "stop", [who]), chosen(desk, shop, "stop", [who])
    begun(desk, shop, done)

    def there(after):
        bulk.sweep(datetime.now(UTC) + after)  # noqa: TID251 - a test is an edge
        return [of(shop, each) is not None for each in (left, done)]

    assert there(timedelta(hours=23)) == [True, True]
    assert there(timedelta(days=2)) == [False, True]
    assert there(timedelta(days=29)) == [False, True]
    assert there(timedelta(days=31)) == [False, False]


def test_an_erased_person_is_named_by_no_act(shop):
    who = a_reader(shop, at=AGO)
    desk = at_desk(shop)
    chosen(desk, shop, "stop", [who])
    assert erasures.remains(shop.workspace_id, who)["bulk_person"] == 1
    from tests.console.test_erasures import run

    begun(desk, shop, chosen(desk, shop, "erase", [who]), ERASING)
    (asked,) = erasures.erasures(shop.workspace_id)
    run(shop, asked.erasure_id)
    assert contacts.contact(shop.workspace_id, who) is None
    assert "bulk_person" not in erasures.remains(shop.workspace_id, who)


def test_the_list_leads_back_to_what_was_begun(shop):
    desk = at_desk(shop)
    number = chosen(desk, shop, "stop", [a_reader(shop, at=AGO)])
    page = text_of(desk.get(url(shop, "contacts")))
    assert url(shop, "bulk", number) in page
    assert "Not begun" in page
