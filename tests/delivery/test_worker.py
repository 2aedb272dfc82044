"""The worker on a real database and a real relay: what leaves, what is recorded, what goes back."""

import asyncio
import email
import email.policy
import signal

import psycopg
import pytest
from tests.delivery.mailings import (
    launched,
    many_readers,
    now,
    outcomes,
    rows,
    send_now,
    wait_until,
    worker_process,
)
from tests.delivery.sink import RunningSink
from tests.people import a_contact, a_reader, a_shop

from shodaku.content.render import render
from shodaku.delivery import letters, selectors, services
from shodaku.delivery.domain import Failure
from shodaku.delivery.relays import NoRoute, SmtpUrlFault, from_environment
from shodaku.kit import db
from shodaku.kit.links import LinkKeys, Purpose
from shodaku.policy.domain import Ads, MessageClass


def progress(shop, mailing_id):
    return selectors.progress(shop.workspace_id, mailing_id)


def planned(database, shop, mailing_id):
    statement = """select contact_ids, attempt,
                          extract(epoch from nullif(not_before, '-infinity') - now())::int
                   from chunk where mailing_id = %(m)s and state = 'planned' order by no"""
    return rows(database, shop, statement, m=mailing_id)


def jobs(database, mailing_id):
    with psycopg.connect(database.application) as connection:
        return connection.execute(
            """select args ->> 'no' from procrastinate_jobs
               where status = 'todo' and (args ->> 'mailing_id')::int = %s order by id""",
            [mailing_id],
        ).fetchall()


def test_a_message_leaves_once_and_its_row_names_the_evidence(database, tmp_path):
    shop = a_shop()
    reader = a_reader(shop, "hanako@example.jp", name="山田 花子")
    mailing_id = launched(shop, [reader])
    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    assert [each.recipient for each in sink.arrived] == ["hanako@example.jp"]
    ((entry,),) = rows(database, shop, "select entry_id from consent where contact_id = %(c)s", c=reader)
    assert outcomes(database, shop, mailing_id) == {reader: ("accepted", "OK_CONSENT", entry)}
    assert (progress(shop, mailing_id).state, progress(shop, mailing_id).accepted) == ("done", 1)
    assert [*(tmp_path / "journals").glob("*.journal")] == []


def test_the_message_addresses_its_reader_and_carries_a_link_that_stops_it(database, tmp_path):
    from shodaku.kit import runtime
    from shodaku.kit.keys import KeyPurpose

    shop = a_shop()
    reader = a_reader(shop, name="山田 花子")
    mailing_id = launched(shop, [reader])
    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    mail = email.message_from_bytes(sink.arrived[0].content, policy=email.policy.default)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    page = mail["List-Unsubscribe"].split(">")[0].lstrip("<")
    keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    token = keys.read_url(page.rpartition("/")[2], Purpose.DELIVERY)
    assert (token.workspace_id, token.subject_id, token.contact_id) == (shop.workspace_id, mailing_id, reader)
    assert mail.get_content().startswith("山田 花子 様")


@pytest.mark.interpreted
def test_a_message_with_a_header_that_nobody_planned_reaches_no_server(database, tmp_path, monkeypatch):
    """The first of each chunk is read again, and the next ones until one is as planned."""
    shop = a_shop()
    readers = [a_reader(shop) for _ in range(2)]

    def tricked(*given, **more):
        message = render(*given, **more)
        whole = b"".join(message.buffers).replace(b"\r\nSubject:", b"\r\nBcc: a@b.jp\r\nSubject:")
        return message._replace(buffers=[whole])

    monkeypatch.setattr(letters, "render", tricked)
    mailing_id = launched(shop, readers)
    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    assert sink.arrived == []
    for outcome, reason, _ in outcomes(database, shop, mailing_id).values():
        assert (outcome, reason) == ("failed", Failure.UNBUILDABLE.value)


def test_who_may_not_be_written_to_gets_a_row_with_the_reason_instead(database, tmp_path):
    shop = a_shop()
    stranger, reader = a_contact(shop), a_reader(shop)
    mailing_id = launched(shop, [stranger, reader])
    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    assert len(sink.arrived) == 1
    assert outcomes(database, shop, mailing_id)[stranger] == ("refused", "NO_BASIS", None)
    assert selectors.reasons(shop.workspace_id, mailing_id) == {"NO_BASIS": 1, "OK_CONSENT": 1}


def test_an_erased_person_leaves_the_chunk_without_a_trace(database, tmp_path):
    from shodaku.consent import services as consent
    from shodaku.contacts import services as contacts

    shop = a_shop()
    gone, reader = a_reader(shop), a_reader(shop)
    mailing_id = launched(shop, [gone, reader])
    with db.transaction(shop.workspace_id):
        consent.forget(gone)
        contacts.forget(gone)
    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    assert [*outcomes(database, shop, mailing_id)] == [reader]
    assert progress(shop, mailing_id).state == "done"


def test_a_temporary_no_is_tried_again_with_a_job_and_a_final_no_is_recorded(database, tmp_path):
    shop = a_shop()
    later, never = a_reader(shop, "later@example.jp"), a_reader(shop, "never@example.jp")
    mailing_id = launched(shop, [later, never])
    answers = {"later@example.jp": b"450 4.2.0 later\r\n", "never@example.jp": b"550 5.1.1 unknown\r\n"}
    with RunningSink(on_rcpt=answers.get) as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    assert outcomes(database, shop, mailing_id)[never][:2] == ("failed", "refused_by_server")
    ((contact_ids, attempt, seconds),) = planned(database, shop, mailing_id)
    assert (contact_ids, attempt) == ([later], 2)
    assert 290 <= seconds <= 300
    assert len(jobs(database, mailing_id)) == 2, "the one of the launch, and the one of the retry"
    (row,) = selectors.deliveries(shop.workspace_id, [mailing_id])
    assert (row.code, row.reply.split()[0]) == (550, "5.1.1")


def test_after_the_last_attempt_it_is_over(database, tmp_path):
    shop = a_shop()
    reader = a_reader(shop)
    mailing_id = launched(shop, [reader])
    rows(database, shop, "update chunk set attempt = 7 where mailing_id = %(m)s returning 1", m=mailing_id)
    with RunningSink(on_rcpt=lambda _: b"451 4.3.0 no\r\n") as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    assert outcomes(database, shop, mailing_id)[reader][:2] == ("failed", "expired")
    assert progress(shop, mailing_id).state == "done"


def test_when_nobody_knows_an_advertisement_is_uncertain_and_not_sent_again(database, tmp_path):
    shop = a_shop()
    reader = a_reader(shop)
    mailing_id = launched(shop, [reader])
    with RunningSink(reply=lambda _: b"") as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    assert len(sink.arrived) == 1
    assert outcomes(database, shop, mailing_id)[reader][:2] == ("uncertain", "OK_CONSENT")
    assert progress(shop, mailing_id).state == "done"


def test_without_a_relay_the_chunk_goes_back_untouched(database, tmp_path):
    shop = a_shop()
    reader = a_reader(shop)
    route = services.NewRoute(name="main", host="127.0.0.1", port=1, tls="none")
    services.add_route(shop.workspace_id, route, by="test", now=now())
    mailing_id = launched(shop, [reader])
    send_now(database, shop, mailing_id, 1, home=tmp_path)
    assert outcomes(database, shop, mailing_id) == {}
    assert [each[0] for each in planned(database, shop, mailing_id)] == [[reader]]
    (row,) = selectors.routes(shop.workspace_id)
    assert row.last_error == "Nothing accepts mail at this address and port."


def test_the_shops_own_route_comes_before_that_of_the_environment(database, tmp_path):
    shop = a_shop()
    reader = a_reader(shop)
    with RunningSink() as sink:
        route = services.NewRoute(name="main", host="127.0.0.1", port=sink.port, tls="none")
        services.add_route(shop.workspace_id, route, by="test", now=now())
        mailing_id = launched(shop, [reader])
        send_now(database, shop, mailing_id, 1, home=tmp_path)
    assert len(sink.arrived) == 1


def test_while_paused_nothing_leaves_and_after_resuming_everything_does(database, tmp_path):
    shop = a_shop()
    reader = a_reader(shop)
    mailing_id = launched(shop, [reader])
    assert services.pause(shop.workspace_id, mailing_id, now=now())
    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
        assert sink.arrived == []
        assert services.resume(shop.workspace_id, mailing_id, now=now())
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    assert len(sink.arrived) == 1


def test_while_the_fence_is_closed_nothing_leaves(database, tmp_path):
    shop = a_shop()
    mailing_id = launched(shop, [a_reader(shop)])
    with psycopg.connect(database.owner, autocommit=True) as owner, RunningSink() as sink:
        owner.execute("update fence set state = 'closed'")
        try:
            send_now(database, shop, mailing_id, sink.port, home=tmp_path)
        finally:
            owner.execute("update fence set state = 'open'")
        assert sink.arrived == []
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
        assert len(sink.arrived) == 1


def test_a_no_that_is_received_while_the_chunk_is_gated_holds_everybody_back(database, tmp_path):
    """It stands beside the database, and nobody knows yet whose it is."""
    shop = a_shop()
    mailing_id = launched(shop, [a_reader(shop), a_reader(shop)])
    waiting = (
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'from contact'"
    )
    with psycopg.connect(database.owner) as owner, RunningSink() as sink:
        owner.execute("lock table contact in access exclusive mode")

        def receive():
            with psycopg.connect(database.application, autocommit=True) as watching:
                wait_until(lambda: watching.execute(waiting).fetchone()[0])
            (tmp_path / "journal").mkdir()
            (tmp_path / "journal" / f"{'a' * 16}.received.jsonl").write_text("a no", encoding="ascii")
            owner.commit()

        async def later(_):
            await asyncio.to_thread(receive)

        send_now(database, shop, mailing_id, sink.port, home=tmp_path, during=later)
        assert sink.arrived == []
        assert [len(each[0]) for each in planned(database, shop, mailing_id)] == [2]
        (tmp_path / "journal" / f"{'a' * 16}.received.jsonl").unlink()
        wait_until(lambda: planned(database, shop, mailing_id)[0][2] < 0)  # it was put off for a moment
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
        assert len(sink.arrived) == 2


def test_a_hinted_person_is_left_out_and_the_others_are_not(database, tmp_path):
    shop = a_shop()
    leaving, staying = a_reader(shop, "leaving@example.jp"), a_reader(shop, "staying@example.jp")
    mailing_id = launched(shop, [leaving, staying])

    async def announce(worker):
        worker.hints.note(str(leaving))

    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path, during=announce)
    assert [each.recipient for each in sink.arrived] == ["staying@example.jp"]
    assert [each[0] for each in planned(database, shop, mailing_id)] == [[leaving]]


def test_a_hint_of_the_service_reaches_the_worker(database, tmp_path):
    shop = a_shop()
    mailing_id = launched(shop, [a_reader(shop)])

    async def announce(worker):
        await worker.hints.heard.wait()
        await asyncio.to_thread(services.hint, shop.workspace_id, [123456789])
        await asyncio.to_thread(wait_until, lambda: 123456789 in worker.hints)

    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path, during=announce)
    assert len(sink.arrived) == 1


def test_a_lost_job_is_written_again(database, tmp_path):
    from shodaku.delivery.worker import Worker
    from shodaku.kit import runtime

    shop = a_shop()
    mailing_id = launched(shop, [a_reader(shop)])
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("delete from procrastinate_jobs where (args ->> 'mailing_id')::int = %s", [mailing_id])
    assert jobs(database, mailing_id) == []

    async def sweep():
        here = runtime.current()
        worker = Worker(runtime.Runtime(tmp_path, here.keys, here.public_url, database.application, ""))
        await worker.sweep()
        await worker.sweep()
        await worker.close()

    asyncio.run(sweep())
    assert len(jobs(database, mailing_id)) == 1


def test_sigterm_ends_the_process_within_five_seconds_and_loses_nobody(database, tmp_path):
    shop = a_shop()
    people = many_readers(database, shop, 600)
    mailing_id = launched(shop, people)
    with (
        RunningSink(seconds=0.01) as sink,
        worker_process(database, tmp_path, sink.port) as worker,
    ):
        ours = {f"{contact_id}@example.jp" for contact_id in people}
        wait_until(lambda: sum(each.recipient in ours for each in [*sink.arrived]) > 20)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(5) == 0
    results = outcomes(database, shop, mailing_id)
    waiting = [each for contact_ids, _, _ in planned(database, shop, mailing_id) for each in contact_ids]
    assert {outcome for outcome, _, _ in results.values()} == {"accepted"}
    assert waiting
    services.cancel(shop.workspace_id, mailing_id, now=now())
    assert sorted([*results, *waiting]) == people


def test_the_chore_plane_does_the_rooms_jobs_and_ends_in_time(database, tmp_path):
    from shodaku.kit.queue import Job, Queue, defer

    shop = a_shop()
    with db.transaction(shop.workspace_id):
        defer(Job("optout.settle_waiting", Queue.CHORE, {"workspace_id": shop.workspace_id}))

    def left():
        with psycopg.connect(database.application) as connection:
            statement = """select status from procrastinate_jobs where task_name = 'optout.settle_waiting'
                           and (args ->> 'workspace_id')::int = %s"""
            return connection.execute(statement, [shop.workspace_id]).fetchall()

    assert left() == [("todo",)]
    with worker_process(database, tmp_path, plane="chore") as worker:
        wait_until(lambda: left() == [])
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(5) == 0


def test_the_relay_of_the_environment():
    url = "smtp://user:p%40ss@mail.example.jp:2525?tls=require&rate=20&connections=3"
    target = from_environment({"SHODAKU_SMTP_URL": url})
    assert (target.host, target.port, target.tls, target.rate) == ("mail.example.jp", 2525, "require", 20.0)
    assert (target.login.user, target.login.password, target.connections) == ("user", "p@ss", 3)
    assert target.depth == 0
    assert from_environment({"SHODAKU_SMTP_URL": f"{url}&depth=4"}).depth == 4
    assert from_environment({"SHODAKU_SMTP_URL": "smtp://127.0.0.1"}).tls == "none"
    for wrong, fault in (
        ("", NoRoute),
        ("http://a", SmtpUrlFault),
        ("smtp://a?tls=maybe", SmtpUrlFault),
        ("smtp://a?depth=5", SmtpUrlFault),
    ):
        try:
            from_environment({"SHODAKU_SMTP_URL": wrong})
        except fault:
            continue
        raise AssertionError(wrong)


def test_a_mail_that_is_no_advertising_uses_up_nothing_of_the_promised_frequency(database, tmp_path):
    """Only advertising counts (LAW.md section 6): else who signs up would miss the first issues."""
    shop = a_shop()
    reader = a_reader(shop)
    notice = {"message_class": MessageClass.TRANSACTIONAL, "ads": Ads.NONE, "promotional": False}
    with RunningSink() as sink:
        for _ in range(4):  # as many as the topic promises a week
            send_now(database, shop, launched(shop, [reader], **notice), sink.port, home=tmp_path)
        issue = launched(shop, [reader])
        send_now(database, shop, issue, sink.port, home=tmp_path)
    assert len(sink.arrived) == 5
    assert outcomes(database, shop, issue)[reader][0] == "accepted"
