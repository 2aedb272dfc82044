"""Several relays of one workspace: shares, a relay that dies, one that comes back, and what never moves."""

import asyncio
from collections import Counter

import pytest
from tests.delivery.mailings import launched, many_readers, now, outcomes, rows
from tests.delivery.sink import RunningSink
from tests.delivery.test_signed_mail import published
from tests.optout.serving import free_port
from tests.people import a_reader, a_shop

from shodaku.delivery import selectors, services
from shodaku.delivery.chunks import ChunkKey
from shodaku.delivery.dkim import Algorithm
from shodaku.delivery.domain import Carries, Health, Kind, MailingKind
from shodaku.delivery.relays import Relays, Target
from shodaku.delivery.transports.dialogue import Tls
from shodaku.delivery.transports.job import Outcome, Stage, Verdict
from shodaku.delivery.worker import Worker
from shodaku.kit import runtime
from shodaku.policy.domain import Ads, MessageClass

PASSES_MAX = 500
SIGNED = ("aoi.example",)  # the domain of the shop, for which its relays are said to sign
NOTICE = {
    "kind": MailingKind.NOTICE,
    "message_class": MessageClass.TRANSACTIONAL,
    "ads": Ads.NONE,
    "promotional": False,
}
DUE = """update chunk set not_before = '-infinity'
         where mailing_id = %(m)s and state = 'planned' returning no"""


@pytest.fixture
def shop(database):
    return a_shop()


def a_route(shop, port, **changes):
    facts = {"name": f"at {port}", "host": "127.0.0.1", "port": port, "tls": "none", "signs_for": SIGNED}
    facts |= changes
    return services.add_route(shop.workspace_id, services.NewRoute(**facts), by="test", now=now())


def changed(shop, route_id, **changes):
    (found,) = [each for each in selectors.routes(shop.workspace_id) if each.route_id == route_id]
    columns = {name: getattr(found, name) for name in services.NewRoute.__slots__ if name != "password"}
    route = services.NewRoute(**columns | changes)
    services.change_route(shop.workspace_id, route_id, route, by="test", now=now())


def planned(database, shop, mailing_id):
    statement = "select no, route_id from chunk where mailing_id = %(m)s and state = 'planned' order by no"
    return rows(database, shop, statement, m=mailing_id)


def worker_at(home, database):
    here = runtime.current()
    worker = Worker(runtime.Runtime(home, here.keys, here.public_url, database.application, ""))
    worker.relays = Relays(backoff_seconds=0.01)
    return worker


def send_all(database, shop, mailing_id, home):
    """Every planned chunk by one worker, again and again, until none is left."""
    send_for(database, shop, [mailing_id], home, passes=PASSES_MAX)
    assert planned(database, shop, mailing_id) == []


def send_once(database, shop, mailing_id, home):
    send_for(database, shop, [mailing_id], home, passes=1)


def send_for(database, shop, mailing_ids, home, *, passes):
    """One after the other, by one worker."""

    async def main():
        worker = worker_at(home, database)
        listening = asyncio.create_task(worker.listen())
        try:
            each = iter(mailing_ids)
            while (mailing_id := await asyncio.to_thread(next, each, None)) is not None:
                for _ in range(passes):
                    for no, _ in (chunks := planned(database, shop, mailing_id)):
                        await worker.send_chunk(ChunkKey(shop.workspace_id, mailing_id, no))
                    hasten(database, shop, mailing_id)
                    if not chunks:
                        break
                    await asyncio.sleep(0.02)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            await worker.close()

    asyncio.run(main())


def hasten(database, shop, mailing_id):
    """As if the pauses of what went back were over."""
    statement = """update chunk set not_before = '-infinity'
                   where mailing_id = %(m)s and state = 'planned' and attempt = 1 returning no"""
    rows(database, shop, statement, m=mailing_id)


def in_chunks(database, shop, people, size, **changes):
    """A mailing whose one chunk is several, so that there is something to share out."""
    mailing_id = launched(shop, people, **changes)
    rows(
        database,
        shop,
        """with whole as (delete from chunk where mailing_id = %(m)s returning *),
                each as (select c, (row_number() over (order by c) - 1) / %(size)s as part
                         from whole, unnest(contact_ids) c)
           insert into chunk (workspace_id, mailing_id, contact_ids)
           select %(workspace)s, %(m)s, array_agg(c order by c) from each group by part order by part
           returning no""",
        m=mailing_id,
        size=size,
    )
    return mailing_id


def carried(*sinks):
    return Counter(each.recipient for sink in sinks for each in sink.arrived)


def named(people):
    return Counter(f"{each}@example.jp" for each in people)


def test_chunks_are_shared_out_by_weight_and_nobody_is_written_to_twice(database, shop, tmp_path):
    people = many_readers(database, shop, 120)
    with RunningSink() as much, RunningSink() as little:
        a_route(shop, much.port, share=300)
        a_route(shop, little.port, share=100)
        send_all(database, shop, in_chunks(database, shop, people, 3), tmp_path)
    assert carried(much, little) == named(people)
    assert 80 <= len(much.arrived) <= 100


def test_a_route_with_a_depth_sends_whole_mails_ahead_where_the_server_takes_them(database, shop, tmp_path):
    """RFC 3030: without CHUNKING on both sides it is DATA as ever."""
    people = many_readers(database, shop, 40)

    def sent(depth, offers):
        with RunningSink(offers=offers) as sink:
            route_id = a_route(shop, sink.port, connections=1, depth=depth)
            send_all(database, shop, launched(shop, people, frequency=None), tmp_path)
            services.remove_route(shop.workspace_id, route_id, by="test", now=now())
        return carried(sink), sink.chunks

    assert sent(3, ("CHUNKING", "8BITMIME")) == (named(people), len(people))
    assert sent(3, ("8BITMIME",)) == (named(people), 0)
    assert sent(0, ("CHUNKING", "8BITMIME")) == (named(people), 0)


@pytest.mark.parametrize(("depth", "uncertain"), [(0, 1), (1, 1), (3, 3), (4, 4)])
def test_of_a_connection_that_breaks_as_many_mails_are_uncertain_as_are_under_way(
    database, shop, tmp_path, depth, uncertain
):
    people = many_readers(database, shop, 12)
    with RunningSink(offers=("CHUNKING",), reply=lambda _: b"") as sink:
        a_route(shop, sink.port, connections=1, depth=depth)
        mailing_id = launched(shop, people)
        send_once(database, shop, mailing_id, tmp_path)
    told = Counter(outcome for outcome, _, _ in outcomes(database, shop, mailing_id).values())
    assert (told, len(sink.arrived)) == ({"uncertain": uncertain}, 1)


def test_when_a_relay_dies_the_other_carries_the_rest_with_nobody_lost_or_twice(database, shop, tmp_path):
    people = many_readers(database, shop, 200)
    dying = RunningSink(seconds=0.001)
    dying.sink.on_arrival = lambda _: len(dying.sink.arrived) == 23 and dying.stop.set()
    with RunningSink() as staying, dying:
        a_route(shop, dying.sink.port)
        a_route(shop, staying.port)
        mailing_id = in_chunks(database, shop, people, 5)
        send_all(database, shop, mailing_id, tmp_path)
    found = outcomes(database, shop, mailing_id)
    both = carried(dying.sink, staying)
    assert found.keys() == {*people}, "nobody is lost"
    assert max(both.values()) == 1, "nobody gets it twice"
    told = Counter(outcome for outcome, _, _ in found.values())
    assert told.keys() <= {"accepted", "uncertain"}
    assert told["uncertain"] <= 4, "at most one a connection"
    assert both.keys() <= named(people).keys()
    assert len(staying.arrived) >= 170
    down, well = selectors.routes(shop.workspace_id)
    assert (down.last_error, well.last_error) == ("Nothing accepts mail at this address and port.", None)
    assert down.set_aside_at is not None
    assert well.set_aside_at is None


def test_a_relay_that_is_set_aside_is_tried_and_carries_again_when_it_answers(database, shop, tmp_path):
    port, back = free_port(), []
    people = many_readers(database, shop, 60)
    with RunningSink() as other:
        first = a_route(shop, port)
        a_route(shop, other.port)

        def mailings():
            yield in_chunks(database, shop, people, 3)
            assert carried(other) == named(people)
            assert selectors.routes(shop.workspace_id)[0].set_aside_at is not None
            with RunningSink(port=port) as sink:
                back.append(sink)
                while not sink.arrived:
                    yield in_chunks(database, shop, people, 3, frequency=None)

        send_for(database, shop, mailings(), tmp_path, passes=PASSES_MAX)
    assert set(carried(other, *back).values()) == {max(carried(other, *back).values())}, "each mail once"
    (found, _) = selectors.routes(shop.workspace_id)
    assert (found.route_id, found.last_error, found.set_aside_at) == (first, None, None)


def test_a_trial_is_one_chunk(database):
    async def main():
        relays = Relays(backoff_seconds=0.0)
        relay = relays.get(Target("127.0.0.1", 1, Tls.NONE, None, None, 1, 7), urgent=False)
        for _ in range(5):
            assert relays.health(relay) is Health.WELL
            relay.refused(Outcome(Verdict.DEFERRED, Stage.CONNECT, 0, "no"))
        assert relays.health(relay) is Health.TRIAL
        with relays.trial(relay):
            assert relays.health(relay) is Health.SET_ASIDE
        assert relays.health(relay) is Health.TRIAL
        relay.answered()
        with relays.trial(relay):
            assert relays.health(relay) is Health.WELL
        await relays.close()

    asyncio.run(main())


def test_what_somebody_waits_for_takes_the_route_that_is_for_it(database, shop, tmp_path):
    reader = a_reader(shop, "reader@example.jp")
    with RunningSink() as many, RunningSink() as urgent:
        a_route(shop, many.port, carries=Carries.CAMPAIGNS)
        a_route(shop, urgent.port, carries=Carries.URGENT)
        send_all(database, shop, launched(shop, [reader]), tmp_path)
        send_all(database, shop, launched(shop, [reader], **NOTICE), tmp_path)
    assert (len(many.arrived), len(urgent.arrived)) == (1, 1)


def test_a_route_that_is_off_carries_nothing_and_without_any_the_mails_wait(database, shop, tmp_path):
    reader = a_reader(shop)
    with RunningSink() as off, RunningSink() as on:
        a_route(shop, off.port, enabled=False)
        send_once(database, shop, first := launched(shop, [reader]), tmp_path)
        assert len(planned(database, shop, first)) == 1
        a_route(shop, on.port)
        send_all(database, shop, first, tmp_path)
    assert (len(off.arrived), len(on.arrived)) == (0, 1)


def test_a_route_without_its_password_is_told_and_the_other_carries_the_mails(database, shop, tmp_path):
    reader = a_reader(shop)
    with RunningSink() as sink:
        a_route(shop, sink.port, username="somebody")  # and no password
        a_route(shop, sink.port)
        send_all(database, shop, launched(shop, [reader]), tmp_path)
    assert len(sink.arrived) == 1
    assert selectors.routes(shop.workspace_id)[0].last_error == "The password file of a route is missing."


def test_nobody_takes_over_unsigned_from_a_route_without_its_password(database, shop, tmp_path):
    people = many_readers(database, shop, 12)
    with RunningSink() as sink:
        first = a_route(shop, sink.port, username="somebody")
        second = a_route(shop, sink.port, share=0, signs_for=())
        mailing_id = in_chunks(database, shop, people, 3)
        send_once(database, shop, mailing_id, tmp_path)
        assert (sink.arrived, len(planned(database, shop, mailing_id))) == ([], 4)
        changed(shop, second, signs_for=SIGNED)
        send_all(database, shop, mailing_id, tmp_path)
    assert carried(sink) == named(people)
    assert [each.route_id for each in selectors.routes(shop.workspace_id)] == [first, second]


def test_a_retry_keeps_its_route_and_takes_another_one_when_that_is_gone(database, shop, tmp_path):
    reader = a_reader(shop)
    with RunningSink(on_rcpt=lambda _: b"450 4.2.0 later\r\n") as busy, RunningSink() as other:
        first = a_route(shop, busy.port)
        second = a_route(shop, other.port, share=0)
        send_once(database, shop, mailing_id := launched(shop, [reader]), tmp_path)
        ((_, route_id),) = planned(database, shop, mailing_id)
        assert route_id == first
        changed(shop, first, share=0)
        changed(shop, second, share=100)
        rows(database, shop, DUE, m=mailing_id)
        send_once(database, shop, mailing_id, tmp_path)
        ((_, route_id),) = planned(database, shop, mailing_id)
        assert (route_id, other.arrived) == (first, [])
        services.remove_route(shop.workspace_id, first, by="test", now=now())
        rows(database, shop, DUE, m=mailing_id)
        send_once(database, shop, mailing_id, tmp_path)
    assert len(other.arrived) == 1


def test_a_notice_that_may_have_arrived_waits_for_its_own_route(database, shop, tmp_path):
    reader = a_reader(shop)
    silent = RunningSink(reply=lambda _: b"")
    with silent as sink, RunningSink() as other:
        first = a_route(shop, sink.port)
        a_route(shop, other.port, share=0)
        send_once(database, shop, mailing_id := launched(shop, [reader], **NOTICE), tmp_path)
        fixed = (
            "select route_id, route_fixed, attempt from chunk where mailing_id = %(m)s and state = 'planned'"
        )
        assert rows(database, shop, fixed, m=mailing_id) == [(first, True, 2)]
        rows(database, shop, DUE, m=mailing_id)
        silent.loop.call_soon_threadsafe(silent.stop.set)
        send_for(database, shop, [mailing_id], tmp_path, passes=40)
        assert (len(sink.arrived), other.arrived) == (1, [])
        assert rows(database, shop, fixed, m=mailing_id) == [(first, True, 2)]


def test_what_a_dead_relay_leaves_waits_when_nobody_signs_at_the_other(database, shop, tmp_path):
    """A mail that nobody signs for its From domain is taken for forged (RFC 7489): waiting does less harm."""
    people = many_readers(database, shop, 20)
    with RunningSink() as other:
        a_route(shop, free_port())
        second = a_route(shop, other.port, share=0, signs_for=())
        mailing_id = in_chunks(database, shop, people, 5)
        assert selectors.unaligned(shop.workspace_id) == {second: ["aoi.example"]}
        send_for(database, shop, [mailing_id], tmp_path, passes=12)
        assert (other.arrived, outcomes(database, shop, mailing_id)) == ([], {})
        changed(shop, second, signs_for=("aoi.example",))
        assert selectors.unaligned(shop.workspace_id) == {}
        send_for(database, shop, [mailing_id], tmp_path, passes=40)
    assert carried(other) == named(people)


def test_what_is_signed_here_may_leave_by_any_relay(database, shop, tmp_path):
    published(shop, Algorithm.ED25519)
    people = many_readers(database, shop, 6)
    with RunningSink() as other:
        a_route(shop, free_port(), signs_for=())
        a_route(shop, other.port, share=0, signs_for=())
        assert selectors.unaligned(shop.workspace_id) == {}
        send_all(database, shop, launched(shop, people), tmp_path)
    assert carried(other) == named(people)


@pytest.mark.parametrize(
    "trouble",
    [{"username": "somebody"}, {"enabled": False}, {"carries": Carries.CAMPAIGNS}],
    ids=["without its password", "off", "for campaigns alone"],
)
def test_a_notice_that_may_have_arrived_waits_for_a_route_that_cannot_be_used(
    database, shop, tmp_path, trouble
):
    reader = a_reader(shop)
    with RunningSink(reply=lambda _: b"") as sink, RunningSink() as other:
        first = a_route(shop, sink.port)
        second = a_route(shop, other.port, share=0)
        send_once(database, shop, mailing_id := launched(shop, [reader], **NOTICE), tmp_path)
        assert len(sink.arrived) == 1
        changed(shop, first, **trouble)
        rows(database, shop, DUE, m=mailing_id)
        send_for(database, shop, [mailing_id], tmp_path, passes=10)
        assert (len(sink.arrived), other.arrived) == (1, [])
        assert selectors.held(shop.workspace_id) == {first: 1}
        services.remove_route(shop.workspace_id, first, by="test", now=now())
        rows(database, shop, DUE, m=mailing_id)
        send_once(database, shop, mailing_id, tmp_path)
    assert len(other.arrived) == 1, "who removes a route decides that it is over"
    assert second


def test_the_last_route_of_campaigns_on_their_way_is_neither_removed_nor_switched_off(shop):
    first = a_route(shop, 25)
    second = a_route(shop, 26, carries=Carries.URGENT)
    mailing_id = launched(shop, [a_reader(shop)])
    for act in (
        lambda: services.remove_route(shop.workspace_id, first, by="test", now=now()),
        lambda: changed(shop, first, enabled=False),
        lambda: changed(shop, first, carries=Carries.URGENT),
    ):
        with pytest.raises(services.RouteNeeded):
            act()
    assert [each.enabled for each in selectors.routes(shop.workspace_id)] == [True, True]
    changed(shop, second, carries=Carries.ALL)
    services.remove_route(shop.workspace_id, first, by="test", now=now())
    services.pause(shop.workspace_id, mailing_id, now=now())
    services.remove_route(shop.workspace_id, second, by="test", now=now())
    assert selectors.routes(shop.workspace_id) == []


def test_routes_are_counted_and_their_numbers_known(shop):
    for number in range(20):
        a_route(shop, 25 + number)
    with pytest.raises(services.TooManyRoutes):
        a_route(shop, 99)
    with pytest.raises(services.UnknownRoute):
        services.remove_route(shop.workspace_id, 2**31 - 1, by="test", now=now())
    assert [each.place for each in selectors.routes(shop.workspace_id)] == [*range(1, 21)]


def test_what_becomes_another_kind_of_route_forgets_its_password(shop):
    """The secret of one is not shown to another."""
    route_id = a_route(shop, 25, username="u", password="secret")
    file = runtime.current().keys / f"route.{shop.workspace_id}.{route_id}"
    changed(shop, route_id, share=1)
    assert file.read_text() == "secret"
    changed(shop, route_id, kind=Kind.BREVO, host="")
    assert not file.exists()
    changed(shop, route_id, kind=Kind.SENDGRID, host="", password="another")
    assert file.read_text() == "another"


def test_a_removed_route_leaves_no_password_behind(shop):
    route_id = a_route(shop, 25, username="u", password="secret")
    file = runtime.current().keys / f"route.{shop.workspace_id}.{route_id}"
    assert file.read_text() == "secret"
    services.remove_route(shop.workspace_id, route_id, by="test", now=now())
    assert not file.exists()
