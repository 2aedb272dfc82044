"""Lists go in and out without telling who is on them."""

from __future__ import annotations

import dataclasses
import io
import re
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from tests.optout.journals import a_home, lines
from tests.people import a_reader, a_shop
from tests.suppression.peppers import a_pepper_of_our_own

from shodaku.config import pepper_rotation
from shodaku.contacts.domain import Channel
from shodaku.kit import db, runtime
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_written
from shodaku.ledger.services import VaultAway
from shodaku.suppression import lists, selectors, services

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.fixture
def shop(database):
    return a_shop()


def is_marked(shop, address, channel=Channel.EMAIL):
    pair = services.tokens(shop.workspace_id, channel, address)
    return pair.strict in selectors.suppressed(shop.workspace_id, [pair])


def add(shop, *lines, **more):
    return lists.add(shop.workspace_id, lines, by="test", now=NOW, **more)


def taken_out(shop):
    out = io.BytesIO()
    lists.take_out(shop.workspace_id, out.write, by="test", now=NOW)
    return out.getvalue()


def brought_in(shop, content, **more):
    return lists.bring_in(shop.workspace_id, io.BytesIO(content), by="test", now=NOW, **more)


def acts(shop, kind):
    history = ledger.history(shop.workspace_id, ledger_written.INSTALLATION)
    return [each.fields for each in history if each.kind == kind]


def marks(shop):
    with db.transaction(shop.workspace_id) as connection:
        rows = connection.execute("select token, strength, reason from suppression where block_no = 0")
        return sorted((bytes(token), strength, reason) for token, strength, reason in rows.fetchall())


def forget_all(shop):
    """As in a database that was set up anew under the same number."""
    with db.transaction(shop.workspace_id) as connection:
        connection.execute("delete from suppression")


def test_pasted_lines_are_marked_whatever_stands_around_them(shop):
    taken = add(
        shop,
        "taro@example.jp",
        "",
        "  <Hanako@Example.jp> \n",
        '山田,"jiro@example.jp",090',
        "ＳＡＢＵＲＯ＠example.jp",
        "090-1234-5678",
        "メールアドレス",
    )
    assert (taken.lines, taken.taken, taken.unreadable, taken.faults) == (6, 5, 1, (7,))
    for address in ("taro@example.jp", "hanako@example.jp", "jiro@example.jp", "saburo@example.jp"):
        assert is_marked(shop, address)
    assert is_marked(shop, "+819012345678", Channel.SMS)


def test_an_answer_is_the_same_for_who_was_on_the_list_and_who_was_not(shop):
    first = add(shop, "taro@example.jp")
    assert add(shop, "taro@example.jp") == first
    assert add(shop, "taro@example.jp", dry_run=True) == first


def test_a_dry_run_marks_nobody_and_writes_no_entry(shop):
    assert add(shop, "taro@example.jp", dry_run=True).taken == 1
    assert not is_marked(shop, "taro@example.jp")
    assert acts(shop, "suppression.added") == []


def test_each_step_is_an_entry_without_an_address(shop, monkeypatch):
    monkeypatch.setattr(lists, "STEP_ROWS", 2)
    add(shop, *[f"reader{number}@example.jp" for number in range(5)])
    said = acts(shop, "suppression.added")
    assert [each["marks"] for each in said] == [2, 2, 1]
    assert "example.jp" not in str(said)


def test_a_file_of_addresses_in_either_encoding_is_taken(shop):
    content = "名前,メール\r\n山田,taro@example.jp\r\n".encode("cp932")
    assert brought_in(shop, content).taken == 1
    assert brought_in(shop, "\ufeffhanako@example.jp\n".encode()).taken == 1
    assert is_marked(shop, "taro@example.jp")
    assert is_marked(shop, "hanako@example.jp")
    assert {reason for _, _, reason in marks(shop)} == {"imported"}


def test_a_line_without_an_end_is_refused(shop):
    with pytest.raises(lists.ListTooLong):
        brought_in(shop, b"x" * (lists.LINE_BYTES_MAX + 1))


def test_too_many_lines_are_refused_on_both_sides_of_the_limit(shop, monkeypatch):
    monkeypatch.setattr(lists, "ROWS_MAX", 2)
    assert add(shop, "a@example.jp", "b@example.jp").taken == 2
    with pytest.raises(lists.ListTooLong):
        add(shop, "a@example.jp", "b@example.jp", "c@example.jp")


def test_tokens_that_were_taken_out_are_the_same_marks_when_they_come_in_again(shop):
    add(shop, "taro+tag@example.jp", "ha.nako@gmail.com", "jiro@example.jp")
    add(shop, "saburo@example.jp", reason="complaint")
    before, content = marks(shop), taken_out(shop)
    forget_all(shop)
    taken = brought_in(shop, content)
    assert taken.taken == len(before) == 6
    assert marks(shop) == before
    assert b"@" not in content


def test_broad_marks_alone_in_a_step_stay_broad(shop, monkeypatch):
    monkeypatch.setattr(lists, "STEP_ROWS", 1)
    add(shop, "taro+tag@example.jp", "ha.nako@gmail.com")
    before, content = marks(shop), taken_out(shop)
    forget_all(shop)
    brought_in(shop, content)
    assert marks(shop) == before
    assert not is_marked(shop, "other@example.jp")


def test_a_list_from_before_a_rotation_is_taken_in_after_it(database, shop, tmp_path, monkeypatch):
    with a_pepper_of_our_own(database, tmp_path, monkeypatch, shop):
        add(shop, "taro+tag@example.jp")
        content = taken_out(shop)
        forget_all(shop)
        pepper_rotation.rotate_pepper(by="test", now=NOW)
        assert brought_in(shop, content).taken == 2
        assert is_marked(shop, "taro+tag@example.jp")
        newer = taken_out(shop)
        forget_all(shop)
        brought_in(shop, newer)
        assert is_marked(shop, "taro+other@example.jp")


def _head(content, **other):
    head, _, rest = content.partition(b"\n")
    for name, value in other.items():
        head = re.sub(rf'"{name}":[^,}}]+'.encode(), f'"{name}":{value}'.encode(), head)
    return head + b"\n" + rest


@pytest.mark.parametrize(
    "tamper",
    [
        lambda content: content[:-2],
        lambda content: content + b"x",
        lambda content: content.replace(b"staff", b"erased", 1),
        lambda content: b"\n".join(content.split(b"\n")[:-2]) + b"\n",
        lambda content: b"\n".join([content.split(b"\n")[0], *content.split(b"\n")[2:]]),
        lambda content: _head(content, workspace=2**40),
        lambda content: _head(content, epoch=2),
        lambda content: _head(content, norm=2),
        lambda content: _head(content, format='"shodaku-suppression/2"'),
        lambda _: b'{"format":"shodaku-suppression/1"}\n',
        lambda _: b'{"a":' * 100_000,
        lambda _: b'{"format":\n{"rows":0,"mac":"\xff"}\n',
        lambda content: re.sub(rb'"mac":"[0-9a-f]+"', b'"mac":null', content),
        lambda content: re.sub(rb'"mac":"[0-9a-f]+"', '"mac":"é"'.encode(), content),
    ],
)
def test_an_altered_or_foreign_list_is_refused_in_one_sentence_and_nothing_is_taken(shop, tamper):
    add(shop, "taro@example.jp", "hanako+x@example.jp")
    content = taken_out(shop)
    forget_all(shop)
    with pytest.raises(lists.ForeignList) as refused:
        brought_in(shop, tamper(content))
    assert "nothing was taken in" in refused.value.message
    assert marks(shop) == []


def test_the_list_of_another_workspace_is_refused(shop):
    other = a_shop()
    add(other, "taro@example.jp")
    with pytest.raises(lists.ListOfAnother):
        brought_in(shop, taken_out(other))
    assert marks(shop) == []


def test_what_a_block_marked_stays_with_the_block(shop):
    a_reader(shop, "taro@blocked.example")
    services.block(shop.workspace_id, "*@blocked.example", by="test", now=NOW)
    assert len(taken_out(shop).splitlines()) == 2
    assert lists.counts(shop.workspace_id) == []


def test_counts_are_by_reason_and_month_and_of_addresses_alone(shop):
    add(shop, "taro+a@example.jp", "hanako@example.jp")
    add(shop, "jiro@example.jp", reason="complaint")
    assert lists.counts(shop.workspace_id) == [
        lists.Count("complaint", "2026-11", 1),
        lists.Count("staff", "2026-11", 2),
    ]


def test_whoever_takes_the_list_out_is_recorded(shop):
    add(shop, "taro@example.jp")
    taken_out(shop)
    (said,) = acts(shop, "admin.suppression.exported")
    assert (said["by"], said["rows"]) == ("test", 1)


def test_a_question_is_answered_counted_and_recorded_without_the_address(shop):
    add(shop, "taro@example.jp")

    def ask(address, by="staff:1", now=NOW):
        return lists.ask(shop.workspace_id, Channel.EMAIL, address, by=by, now=now)

    assert ask("Taro@example.jp").reason == "staff"
    assert ask("hanako@example.jp") is None
    said = acts(shop, "admin.suppression.asked")
    assert [each["found"] for each in said] == [True, False]
    assert "example.jp" not in str(said)


def test_the_sixty_first_question_of_an_hour_is_refused_for_that_person_alone(shop, monkeypatch):
    monkeypatch.setattr(lists, "QUESTIONS_PER_HOUR_MAX", 3)

    def ask(by="staff:1", now=NOW):
        return lists.ask(shop.workspace_id, Channel.EMAIL, "taro@example.jp", by=by, now=now)

    for _ in range(3):
        ask()
    with pytest.raises(lists.TooManyQuestions):
        ask()
    ask(by="staff:2")
    ask(now=NOW + timedelta(hours=1, seconds=1))
    assert len(acts(shop, "admin.suppression.asked")) == 5


def test_a_long_list_needs_no_more_memory_than_a_short_one(shop):
    """Steps are read, marked and let go."""

    def peak(count):
        tracemalloc.start()
        lines = (f"reader{number}@example.jp" for number in range(count))
        lists.add(shop.workspace_id, lines, by="test", now=NOW, dry_run=True)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(lists.STEP_ROWS)
    assert peak(4 * lists.STEP_ROWS) < 2 * peak(lists.STEP_ROWS)


def test_a_list_that_could_not_be_recorded_leaves_no_line_that_a_replay_would_carry_out(shop, tmp_path):
    nowhere = "postgresql://nobody@127.0.0.1:1/vault?connect_timeout=1"
    with a_home(tmp_path) as journal:
        away = dataclasses.replace(runtime.current(), vault_url=nowhere, _rings={})
        with runtime.replaced(away), pytest.raises(VaultAway):
            add(shop, "one@example.jp")
        assert lines(journal) == []
    assert not is_marked(shop, "one@example.jp")
