"""A database that knows less than was said is recognised, and sends nothing until it was told the rest."""

from __future__ import annotations

import dataclasses
import os
import stat
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.optout.journals import a_home, lines, lost
from tests.people import a_contact, a_reader, a_shop

from shodaku.consent.domain import Method
from shodaku.delivery import selectors as deliveries
from shodaku.kit import clock, db, erasure_journal, runtime
from shodaku.kit.erasure_journal import Line, LineKind
from shodaku.optout import copying, tending
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.suppression import selectors, services
from shodaku.suppression.fence import (
    BEHIND_AFTER,
    FenceReason,
    Position,
    furthest,
    overdue,
    short,
    went_back,
)
from shodaku.suppression.seen import NO_HEAD, Head, Seen, keep, read, signed_head, signed_heads

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
A = "a" * 16
B = "b" * 16


def at(high, *, floor=0, applied=None, host=A):
    return {host: Position(host, floor, high - floor if applied is None else applied, high)}


# --- pure


def test_a_database_that_has_more_than_before_has_not_gone_back():
    assert went_back(at(5), at(6)) == []
    assert went_back(at(5), at(5)) == []
    assert went_back({}, at(5)) == []


def test_a_database_with_fewer_lines_has_gone_back():
    assert went_back(at(5), at(4)) == [A]
    assert went_back(at(5), {}) == [A]


def test_a_new_line_after_a_restore_hides_none_that_is_missing():
    """101 to 150 are gone, 151 was written since: the highest number has grown, the count has not."""
    assert went_back(at(150), at(151, floor=100, applied=1)) == [A]


def test_compacting_changes_nothing_of_how_much_there_is():
    assert went_back(at(150), at(150, floor=150, applied=0)) == []


@given(
    st.lists(st.integers(1, 60), unique=True, max_size=40),
    st.lists(st.integers(1, 60), unique=True, max_size=40),
)
def test_whoever_lost_a_line_and_got_none_has_gone_back(before, gone):
    """As sets of numbers: a database that has a proper part of what it had is always recognised."""
    after = set(before) - set(gone)

    def position(numbers):
        return {A: Position(A, 0, len(numbers), max(numbers))} if numbers else {}

    assert (went_back(position(before), position(sorted(after))) == [A]) == (after != set(before))


def test_the_most_that_was_seen_is_kept_by_host():
    assert furthest(at(5), {**at(3), **at(9, host=B)}) == {**at(5), **at(9, host=B)}


@pytest.mark.parametrize(
    ("last", "found", "lacking"),
    [
        (0, {}, {}),  # an empty journal
        (5, at(5), {}),
        (5, {}, {A: 5}),
        (5, at(4), {A: 5}),  # the last one is missing
        (5, at(5, applied=4), {A: 5}),  # one in between
        (5, at(5, floor=3, applied=2), {}),
        (5, at(9), {}),  # a copy that is not up to date
    ],
)
def test_lines_that_a_database_lacks_are_seen_by_two_numbers(last, found, lacking):
    assert short({A: last}, found) == lacking


def written(before):
    return Line(
        host=A, seq=1, kind=LineKind.LIFT, at=NOW, workspace_id=1, written_at=NOW - timedelta(seconds=before)
    )


@pytest.mark.parametrize(
    ("seconds", "late"),
    [(0, False), (14.999, False), (15, True), (-1, False), (-14.999, False), (-15, True)],
)
def test_a_line_is_overdue_when_no_transaction_can_still_be_about_to_apply_it(seconds, late):
    """Also one from the future: a clock that was turned back makes nothing young."""
    assert bool(overdue([written(seconds)], NOW, BEHIND_AFTER)) is late


# --- what a host remembers


def test_what_was_seen_comes_back_and_a_damaged_file_says_nothing(tmp_path):
    seen = Seen(at(7, floor=3), {4: Head(99, "root")}, told=True, contact_ids_upto=10_007)
    keep(tmp_path, seen)
    assert read(tmp_path) == seen
    for damage in (b"", b"{", b"[]", b'{"positions": 1}', b'{"positions": {"a": ["x"]}, "settled": {}}'):
        (tmp_path / "journal" / "seen.json").write_bytes(damage)
        assert read(tmp_path) == Seen()


def test_heads_that_this_host_signed_are_known_to_it(tmp_path):
    assert signed_head(tmp_path, 4) == NO_HEAD
    assert signed_heads(tmp_path) == {}
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger" / "4.checkpoint").write_text("shop.example/ledger/x\n120\nroot\n", encoding="ascii")
    assert signed_head(tmp_path, 4) == Head(120, "root")
    (tmp_path / "ledger" / "5.checkpoint").write_bytes(b"damaged")
    assert signed_heads(tmp_path) == {4: Head(120, "root"), 5: NO_HEAD}


# --- the row


@pytest.fixture
def fence(database, tmp_path):
    with a_home(tmp_path) as journal:
        yield journal


def test_it_opens_when_the_last_of_its_reasons_is_gone(fence):
    epoch = selectors.fence().epoch
    assert services.close_fence(FenceReason.COPIED)
    assert not services.close_fence(FenceReason.COPIED)
    assert services.close_fence(FenceReason.BEHIND)
    assert (selectors.fence().state, selectors.fence().reason) == ("closed", "behind copied")
    assert not services.open_fence(FenceReason.BEHIND)
    assert (selectors.fence().state, selectors.fence().reason) == ("closed", "copied")
    assert services.open_fence(FenceReason.COPIED)
    assert (selectors.fence().state, selectors.fence().reason) == ("open", "")
    assert selectors.fence().epoch == epoch + 1


def test_the_application_can_neither_remove_the_fence_nor_make_another(fence):
    for statement in ("delete from fence", "insert into fence values (true, 'open', 1, '', now())"):
        with (
            pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UniqueViolation)),
            db.transaction(None) as connection,
        ):
            connection.execute(statement)


# --- catching up


def a_no(shop, contact_id, at_):
    return optout.opt_out(
        OptOut(workspace_id=shop.workspace_id, contact_id=contact_id, scope=OptOutScope.ALL, via=Method.PAGE),
        at_,
    )


def later(seconds=60):
    return clock.now() + timedelta(seconds=seconds)


def turned_back(journal, numbers):
    """As if an older dump stood in the place of the database: rows of lines are gone."""
    with db.transaction(None) as connection:
        connection.execute(
            "delete from journal_applied where host = %s and seq = any(%s)", [journal.host, numbers]
        )


def refusals(shop, contact_id):
    return selectors.refusals(shop.workspace_id, contact_id)


def test_a_line_whose_transaction_failed_is_obeyed_and_shuts_nothing(fence):
    shop = a_shop()
    reader = a_reader(shop)
    with lost(shop):
        a_no(shop, reader, clock.now())
    epoch = selectors.fence().epoch
    assert tending.catch_up(clock.now()).lines == 0  # it may still be about to commit
    assert tending.catch_up(later(7)).refused == 1
    assert refusals(shop, reader)
    assert (selectors.fence().state, selectors.fence().epoch) == ("open", epoch)


def test_lines_that_are_missing_too_long_shut_the_gate_are_obeyed_and_open_it(fence):
    shop = a_shop()
    reader = a_reader(shop)
    with lost(shop):
        a_no(shop, reader, clock.now())
    epoch = selectors.fence().epoch
    assert tending.catch_up(later()).refused == 1
    assert refusals(shop, reader)
    assert (selectors.fence().state, selectors.fence().epoch) == ("open", epoch + 1)


def test_a_database_that_was_turned_back_within_seconds_is_recognised_by_what_was_seen(fence):
    shop = a_shop()
    readers = [a_reader(shop) for _ in range(3)]
    for reader in readers:
        a_no(shop, reader, clock.now())
    tending.catch_up(clock.now())
    turned_back(fence, [2, 3])
    with db.transaction(shop.workspace_id) as connection:
        connection.execute("delete from refusal where contact_id = any(%s)", [readers[1:]])
    epoch = selectors.fence().epoch
    assert tending.catch_up(clock.now()).refused == 2  # at once, however young the lines are
    assert (selectors.fence().state, selectors.fence().epoch) == ("open", epoch + 1)
    assert all(refusals(shop, reader) for reader in readers)


def test_a_host_whose_journal_is_nowhere_keeps_the_gate_shut(fence):
    shop = a_shop()
    for _ in range(3):
        a_no(shop, a_reader(shop), clock.now())
    tending.catch_up(clock.now())
    turned_back(fence, [2, 3])
    kept = fence.file.read_bytes()
    fence.file.write_bytes(kept[: kept.index(b"\n") + 1])
    tending.catch_up(later())
    compared = tending.compare()
    assert compared.missing.unreadable == {fence.host: 2}
    assert selectors.fence().reason == "behind"
    fence.file.write_bytes(kept)
    tending.catch_up(later())
    assert selectors.fence().state == "open"


def test_a_copy_tells_what_the_journal_of_a_lost_host_said(fence, tmp_path, monkeypatch):
    shop = a_shop()
    reader = a_reader(shop)
    with lost(shop):
        a_no(shop, reader, clock.now())
    copies = tmp_path / "elsewhere"
    copies.mkdir()
    monkeypatch.setenv("SHODAKU_JOURNAL_COPY", f"file://{copies}")
    copying.copy(fence, copying.places(), clock.now())
    fence.file.unlink()
    tending.catch_up(later())
    assert refusals(shop, reader)
    assert selectors.fence().state == "open"


def tear_the_second_of_three(fence):
    shop = a_shop()
    for _ in range(3):
        a_no(shop, a_reader(shop), clock.now())
    content = fence.file.read_bytes().splitlines(keepends=True)
    turned_back(fence, [2])
    fence.file.write_bytes(content[0] + b"\0" * 40 + b"\n" + content[2])


def test_a_hole_that_a_power_loss_tore_holds_nobody_up(fence):
    tear_the_second_of_three(fence)
    tending.catch_up(later())
    assert selectors.fence().state == "open"
    assert selectors.missing(fence.host, 3) == []


def test_a_transaction_that_took_long_shuts_the_gate_for_a_while_and_no_advertisement_rests(fence):
    from tests.delivery.mailings import launched

    shop = a_shop()
    mailing_id = launched(shop, [a_reader(shop)])
    a_no(shop, a_reader(shop), clock.now())
    services.close_fence(FenceReason.BEHIND)  # a worker saw the line before the transaction was committed
    tending.catch_up(later())
    assert selectors.fence().state == "open"
    assert deliveries.progress(shop.workspace_id, mailing_id).state != "paused"


def test_a_ledger_of_which_more_was_signed_here_tells_of_a_restore_that_lost_no_no(fence):
    from tests.delivery.mailings import launched

    shop = a_shop()
    mailing_id = launched(shop, [a_reader(shop)])
    tending.catch_up(clock.now())
    signed = fence.folder.parent / "ledger"
    signed.mkdir()
    content = "shop.example/ledger/x\n1000\nroot\n"
    (signed / f"{shop.workspace_id}.checkpoint").write_text(content, encoding="ascii")
    of_another_house = signed / "2147483647.checkpoint"  # no such workspace is here
    of_another_house.write_text(content, encoding="ascii")
    epoch = selectors.fence().epoch
    tending.catch_up(clock.now())
    assert selectors.fence().epoch == epoch  # it was looked at just before
    tending.catch_up(later(61))
    assert (selectors.fence().state, selectors.fence().epoch) == ("open", epoch + 1)
    assert selectors.paused_by_replay(shop.workspace_id) == {mailing_id}
    tending.catch_up(later(122))
    assert selectors.fence().epoch == epoch + 1  # it was told once
    (signed / f"{shop.workspace_id}.checkpoint").write_text(
        content.replace("root", "other"), encoding="ascii"
    )
    tending.catch_up(later(183))
    assert selectors.fence().epoch == epoch + 2  # as long as the first one, and another one


def test_numbers_of_contacts_that_were_given_before_a_restore_are_not_given_again(fence):
    shop = a_shop()
    first = a_contact(shop)
    tending.catch_up(clock.now())
    known = read(fence.folder.parent)
    assert known.contact_ids_upto > first
    keep(fence.folder.parent, dataclasses.replace(known, contact_ids_upto=first + 50_000))
    tending.catch_up(clock.now())
    assert a_contact(shop) < first + 50_000  # nothing was lost
    reader = a_reader(shop)
    with lost(shop):
        a_no(shop, reader, clock.now())
    tending.catch_up(later())
    assert a_contact(shop) > first + 50_000


def test_looking_at_the_journals_changes_nothing(fence):
    tear_the_second_of_three(fence)
    assert tending.overview(later()).missing == 0
    assert selectors.missing(fence.host, 3) == [2]
    tending.catch_up(later())
    assert selectors.missing(fence.host, 3) == []


def test_advertisements_that_ran_rest_after_a_restore_and_the_reason_is_known(fence):
    from tests.delivery.mailings import launched

    shop = a_shop()
    reader = a_reader(shop)
    mailing_id = launched(shop, [reader])
    with lost(shop):
        a_no(shop, reader, clock.now())
    tending.catch_up(later())
    assert deliveries.progress(shop.workspace_id, mailing_id).state == "paused"
    assert selectors.paused_by_replay(shop.workspace_id) == {mailing_id}


def test_rows_without_a_gap_become_one_number(fence):
    shop = a_shop()
    for _ in range(4):
        a_no(shop, a_reader(shop), clock.now())
    with lost(shop):
        a_no(shop, a_reader(shop), clock.now())
    a_no(shop, a_reader(shop), clock.now())
    services.compact()
    position = selectors.positions()[fence.host]
    assert (position.floor, position.applied, position.high) == (4, 1, 6)
    assert selectors.missing(fence.host, 6) == [5]
    tending.catch_up(later())
    services.compact()
    position = selectors.positions()[fence.host]
    assert (position.floor, position.applied, position.high) == (6, 0, 6)


def test_what_was_received_without_the_database_is_obeyed_at_the_time_it_came(fence):
    shop = a_shop()
    reader, gone = a_reader(shop), 2_000_000_000
    came = clock.now() - timedelta(hours=2)
    for contact_id in (reader, gone):
        number = optout.receive(
            OptOut(
                workspace_id=shop.workspace_id,
                contact_id=contact_id,
                scope=OptOutScope.ALL,
                via=Method.ONE_CLICK,
            ),
            came,
        )
        assert number.startswith(f"R-{came.date().isoformat()}-")
    assert fence.waiting()
    tending.tend(clock.now())
    assert not fence.waiting()
    (refusal,) = refusals(shop, reader)
    assert refusal.at == came
    assert [line.at for line in lines(fence)] == [came]


@pytest.mark.parametrize(
    "choice",
    [
        {"scope": OptOutScope.ALL},
        {"scope": OptOutScope.ERASE},
        {"scope": OptOutScope.TOPIC, "topic_id": 4},
        {"scope": OptOutScope.UNTIL, "until": NOW + timedelta(days=30)},
        {"scope": OptOutScope.CHANNEL, "channel": "sms"},
        {"scope": OptOutScope.LESS_OFTEN, "topic_id": 4, "most": "1/month"},
    ],
)
def test_a_received_no_means_what_was_pressed(fence, choice):
    from shodaku.consent.domain import parse_frequency
    from shodaku.contacts.domain import Channel
    from shodaku.optout.received import as_opt_out

    values = dict(choice)
    if "channel" in values:
        values["channel"] = Channel(values["channel"])
    if "most" in values:
        values["most"] = parse_frequency(values["most"])
    request = OptOut(workspace_id=3, contact_id=5, via=Method.ONE_CLICK, ip="192.0.2.1", **values)
    optout.receive(request, NOW)
    (line,) = erasure_journal.read_received(fence.received)
    assert as_opt_out(line) == dataclasses.replace(request, ip="")
    assert "192.0.2.1" not in fence.received.read_text(encoding="ascii")


# --- copies


def test_a_folder_gets_every_line_once_and_goes_on_after_a_torn_one(fence, tmp_path):
    target = tmp_path / "copy"
    target.mkdir()
    found = copying.places({"SHODAKU_JOURNAL_COPY": f"file://{target}"})
    shop = a_shop()
    a_no(shop, a_reader(shop), clock.now())
    assert copying.copy(fence, found, clock.now())[found[0].name].seq == 1
    copy = target / fence.file.name
    copy.write_bytes(copy.read_bytes() + b'{"torn":')
    a_no(shop, a_reader(shop), clock.now())
    copying.copy(fence, found, clock.now())
    assert [line.seq for line in erasure_journal.read(copy)] == [1, 2]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_a_folder_that_is_not_there_is_a_fault_and_no_new_folder(fence, tmp_path):
    found = copying.places({"SHODAKU_JOURNAL_COPY": f"file://{tmp_path}/nowhere"})
    shop = a_shop()
    a_no(shop, a_reader(shop), clock.now())
    assert copying.copy(fence, found, clock.now())[found[0].name].fault == "copy_failed"
    assert not (tmp_path / "nowhere").exists()


def test_a_copy_that_is_ahead_of_the_journal_is_a_fault(fence, tmp_path):
    found = copying.places({"SHODAKU_JOURNAL_COPY": f"file://{tmp_path}"})
    shop = a_shop()
    for _ in range(2):
        a_no(shop, a_reader(shop), clock.now())
    copying.copy(fence, found, clock.now())
    content = fence.file.read_bytes()
    fence.file.write_bytes(content[: content.index(b"\n") + 1])
    assert copying.copy(fence, found, clock.now())[found[0].name].fault == "copy_ahead"


def test_a_program_gets_the_new_lines_and_one_that_fails_gets_them_again(fence, tmp_path):
    program = tmp_path / "keep"
    program.write_text(
        f'#!/bin/sh\ntest -e {tmp_path}/well || exit 3\ncat > {tmp_path}/out."$2"\n', encoding="ascii"
    )
    program.chmod(0o755)
    found = copying.places({"SHODAKU_JOURNAL_COPY": f"exec:{program} first"})
    shop = a_shop()
    a_no(shop, a_reader(shop), clock.now())
    (state,) = copying.copy(fence, found, clock.now()).values()
    assert (state.seq, state.fault) == (0, "copy_failed")
    (tmp_path / "well").touch()
    (state,) = copying.copy(fence, found, clock.now()).values()
    assert (state.seq, state.fault) == (1, "")
    assert (tmp_path / f"out.{fence.host}.1-1.jsonl").read_bytes() == fence.file.read_bytes()


def test_a_box_gets_the_lines_by_mail_and_not_every_ten_seconds(fence, monkeypatch):
    from tests.delivery.sink import RunningSink

    found = copying.places({"SHODAKU_JOURNAL_COPY": "mailto:keeper@example.jp"})
    shop = a_shop()
    a_no(shop, a_reader(shop), clock.now())
    with RunningSink() as sink:
        monkeypatch.setenv("SHODAKU_SMTP_URL", f"smtp://127.0.0.1:{sink.port}?tls=none")
        now = clock.now()
        copying.copy(fence, found, now)
        a_no(shop, a_reader(shop), clock.now())
        copying.copy(fence, found, now + timedelta(minutes=9))
        assert [mail.recipient for mail in sink.arrived] == ["keeper@example.jp"]
        copying.copy(fence, found, now + timedelta(minutes=11))
        assert len(sink.arrived) == 2
    assert f"{fence.host}.1-1.jsonl".encode() in sink.arrived[0].content


@pytest.mark.parametrize(
    "text",
    [
        "s3://bucket",
        "file://host/folder",
        "file:relative",
        "mailto:nobody",
        "mailto:a@b,c@d",
        "exec:cat",
        "word",
        " ".join(["file:///x"] * 11),
    ],
)
def test_a_place_of_another_form_is_refused(text):
    with pytest.raises(copying.NoCopyPlace):
        copying.places({"SHODAKU_JOURNAL_COPY": text})


def test_two_processes_of_a_host_never_tend_at_once(fence):
    import fcntl

    shop = a_shop()
    with lost(shop):
        a_no(shop, a_reader(shop), clock.now())
    other = os.open(fence.folder / "tend.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(other, fcntl.LOCK_EX)
    tending.tend(later())
    assert selectors.missing(fence.host, 1) == [1]
    os.close(other)
    tending.tend(later())
    assert selectors.missing(fence.host, 1) == []


def test_a_journal_that_cannot_be_written_stops_nobody_who_says_no(fence):
    shop = a_shop()
    reader = a_reader(shop)
    fence.file.mkdir()  # root writes everywhere: a folder in its place is what it cannot write
    a_no(shop, reader, clock.now())
    assert refusals(shop, reader)
    assert runtime.current().home == fence.folder.parent
