"""The never-contact list: asked and never read, made longer, taken along; whole domains kept out."""

from __future__ import annotations

import io
import re
import uuid

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.contacts.domain import Channel
from shodaku.ledger import selectors as ledger
from shodaku.suppression import lists, selectors
from shodaku.suppression import services as suppression

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


def an_address():
    return f"somebody-{uuid.uuid4().hex[:8]}@example.jp"


def on_the_list(shop, *addresses, channel=Channel.EMAIL):
    pairs = suppression.tokens_many(shop.workspace_id, channel, addresses)
    return len(selectors.suppressed(shop.workspace_id, pairs))


def acts(shop, kind):
    return [each.fields for each in ledger.history(shop.workspace_id, 0) if each.kind == kind]


def paste(desk, shop, text, step="add", **how):
    return desk.post(url(shop, "suppression_add"), {"addresses": text, "step": step}, **how)


def told_by(answer):
    """The sentences of the page that answer a press."""
    found = re.findall(r'class="status"[^>]*data-tone[^>]*>.*?<(?:p|span)>(.*?)<', text_of(answer), re.DOTALL)
    return [" ".join(each.split()) for each in found]


def a_file(text):
    return io.BytesIO(text if isinstance(text, bytes) else text.encode())


def test_an_empty_list_says_so(shop):
    page = text_of(at_desk(shop).get(url(shop, "suppressions")))
    assert "Nobody is on the list." in page
    assert url(shop, "suppression_export") not in page


def test_who_asks_about_an_address_hears_since_when_and_why(shop):
    address = an_address()
    desk = at_desk(shop, Role.CLERK)
    assert "Not on the list." in text_of(desk.post(url(shop, "suppression_ask"), {"address": address}))
    paste(desk, shop, address)
    answer = desk.post(url(shop, "suppression_ask"), {"address": address.upper()})
    assert "Put there by staff" in text_of(answer)
    assert "no-store" in answer["Cache-Control"]
    assert [each["found"] for each in acts(shop, "admin.suppression.asked")] == [False, True]
    assert address not in str(acts(shop, "admin.suppression.asked"))


def test_a_telephone_number_is_asked_about_too(shop):
    paste(at_desk(shop), shop, "090-1234-5678")
    answer = at_desk(shop).post(url(shop, "suppression_ask"), {"address": "０９０１２３４５６７８"})
    assert "On the list since" in text_of(answer)


def test_who_asks_too_much_waits_and_keeps_what_was_typed(shop, monkeypatch):
    monkeypatch.setattr(lists, "QUESTIONS_PER_HOUR_MAX", 2)
    desk, address = at_desk(shop), an_address()
    statuses = [desk.post(url(shop, "suppression_ask"), {"address": address}).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    answer = desk.post(url(shop, "suppression_ask"), {"address": address})
    assert "within the hour" in text_of(answer)
    assert f'value="{address}"' in text_of(answer)


def test_a_program_maker_does_not_ask_who_opted_out(shop):
    desk = at_desk(shop, Role.DEVELOPER)
    assert desk.post(url(shop, "suppression_ask"), {"address": an_address()}).status_code == 403
    assert url(shop, "suppression_ask") not in text_of(desk.get(url(shop, "suppressions")))


def test_what_is_pasted_is_checked_before_it_counts(shop):
    one, other = an_address(), an_address()
    desk = at_desk(shop)
    answer = paste(desk, shop, f"{one}\n\nno address\n{other}\n090-1234-5678", "check")
    page = text_of(answer)
    assert "3 addresses can be put on the list." in page
    assert "1 line is no address and is left out: 3." in page
    assert "Put 3 on the list" in page
    assert one in page
    assert on_the_list(shop, one, other) == 0
    page = text_of(paste(desk, shop, f"{one}\n\nno address\n{other}\n090-1234-5678", follow=True))
    assert "3 addresses are on the list now." in page
    assert on_the_list(shop, one, other) == 2
    assert on_the_list(shop, "+819012345678", channel=Channel.SMS) == 1


def test_the_answer_does_not_tell_who_was_there_before(shop):
    known, new = an_address(), an_address()
    desk = at_desk(shop)
    paste(desk, shop, known, follow=True)
    for step in ("check", "add"):
        told = [told_by(paste(desk, shop, each, step, follow=True)) for each in (known, new)]
        assert told[0] == told[1] != [], step


def test_nothing_that_can_be_read_is_said_and_nothing_is_offered(shop):
    page = text_of(paste(at_desk(shop), shop, "nobody\nat all", "check"))
    assert "0 addresses can be put on the list." in page
    assert 'value="add">' not in page.partition("h-block")[0].partition("Out of a file")[0]
    assert paste(at_desk(shop), shop, "").status_code == 422


@pytest.mark.parametrize("role", list(Role))
def test_every_role_puts_addresses_on_the_list(shop, role):
    address = an_address()
    assert paste(at_desk(shop, role), shop, address).status_code == 302
    assert on_the_list(shop, address) == 1


def test_a_file_is_checked_and_taken_in(shop):
    one, other = an_address(), an_address()
    desk, table = at_desk(shop), f"名前,宛先\r\n佐藤,{one}\r\n鈴木,{other}\r\n".encode("cp932")
    said = {"file": a_file(table), "step": "check"}
    page = text_of(desk.post(url(shop, "suppression_import"), said))
    assert "2 addresses can be put on the list." in page
    assert on_the_list(shop, one, other) == 0
    desk.post(url(shop, "suppression_import"), {"file": a_file(table), "step": "add"})
    assert on_the_list(shop, one, other) == 2
    assert desk.post(url(shop, "suppression_import"), {}).status_code == 422
    assert at_desk(shop, Role.DEVELOPER).post(url(shop, "suppression_import"), {}).status_code == 403


def test_marks_that_were_taken_out_come_in_again_and_an_edited_file_does_not(shop):
    address = an_address()
    desk = at_desk(shop)
    paste(desk, shop, address)
    answer = desk.post(url(shop, "suppression_export"))
    marks = b"".join(answer.streaming_content)
    assert "attachment" in answer["Content-Disposition"]
    assert address.encode() not in marks
    (act,) = acts(shop, "admin.suppression.exported")
    assert act["by"].startswith("staff:")
    taken = desk.post(url(shop, "suppression_import"), {"file": a_file(marks)})
    assert taken.status_code == 302
    edited = desk.post(url(shop, "suppression_import"), {"file": a_file(marks.replace(b"staff", b"erased"))})
    assert edited.status_code == 422
    assert "altered, cut off or made elsewhere" in text_of(edited)
    other = a_shop()
    foreign = at_desk(other).post(url(other, "suppression_import"), {"file": a_file(marks)})
    assert "another workspace" in text_of(foreign)


def test_only_who_may_reveal_takes_the_list_along(shop):
    paste(at_desk(shop), shop, an_address())
    for role, status in ((Role.CLERK, 403), (Role.MARKETER, 403), (Role.DEVELOPER, 403)):
        desk = at_desk(shop, role)
        assert desk.post(url(shop, "suppression_export")).status_code == status
        assert url(shop, "suppression_export") not in text_of(desk.get(url(shop, "suppressions")))
    assert at_desk(shop).get(url(shop, "suppression_export")).status_code == 405


def test_a_domain_is_kept_out_until_an_owner_lifts_it(shop):
    a_reader(shop, "taro@old.example")
    marketer, owner = at_desk(shop, Role.MARKETER), at_desk(shop)
    said = {"value": "*@old.example", "reason": "会社がなくなった"}
    page = text_of(marketer.post(url(shop, "suppression_block"), said, follow=True))
    assert "Blocked: *@old.example." in page
    assert "会社がなくなった" in page
    assert on_the_list(shop, "taro@old.example") == 1
    (block,) = suppression.blocks(shop.workspace_id)
    assert marketer.post(url(shop, "suppression_unblock", block.block_no)).status_code == 403
    assert url(shop, "suppression_unblock", block.block_no) not in page
    page = text_of(owner.post(url(shop, "suppression_unblock", block.block_no), follow=True))
    assert "Lifted. 1 address may come in again" in page
    assert on_the_list(shop, "taro@old.example") == 0
    assert "lifted already" in text_of(
        owner.post(url(shop, "suppression_unblock", block.block_no), follow=True)
    )


@pytest.mark.parametrize("value", ["", "example", "*", "*@*", "a@b@c", "*-*-*-*-*-*@example.jp", "あ い"])
def test_what_is_no_domain_and_no_pattern_is_said_and_stays(shop, value):
    answer = at_desk(shop).post(url(shop, "suppression_block"), {"value": value, "reason": "理由はこれ"})
    assert answer.status_code == 422
    assert "理由はこれ" in text_of(answer)
    assert suppression.blocks(shop.workspace_id) == []


def test_a_domain_is_blocked_once(shop):
    desk = at_desk(shop)
    assert desk.post(url(shop, "suppression_block"), {"value": "*@old.example"}).status_code == 302
    assert "blocked already" in text_of(desk.post(url(shop, "suppression_block"), {"value": "*@old.example"}))
    assert len(suppression.blocks(shop.workspace_id)) == 1


def test_who_may_not_block_is_not_offered_it(shop):
    for role in (Role.CLERK, Role.DEVELOPER):
        desk = at_desk(shop, role)
        assert url(shop, "suppression_block") not in text_of(desk.get(url(shop, "suppressions")))
        assert desk.post(url(shop, "suppression_block"), {"value": "*@old.example"}).status_code == 403


def test_the_list_is_counted_by_reason_and_month(shop):
    paste(at_desk(shop), shop, f"{an_address()}\n{an_address()}")
    page = text_of(at_desk(shop).get(url(shop, "suppressions")))
    assert 'Put there by staff <b class="num">2</b>' in page


def test_in_japanese_too(shop):
    desk = at_desk(shop, language="ja")
    assert desk.get(url(shop, "suppressions")).status_code == 200
    assert paste(desk, shop, "nobody", "check").status_code == 200
