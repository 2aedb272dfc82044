"""Messages to a provider by HTTP: every job has exactly one outcome, and it is true whatever comes back."""

from __future__ import annotations

import asyncio
import collections
import ssl

import pytest
from tests.delivery.provider_stub import Imitation
from tests.delivery.relay_stub import certificate, serving
from tests.delivery.test_providers import PROVIDERS, raw_of
from tests.delivery.test_smtp import PERMIT

from shodaku.delivery.domain import Kind
from shodaku.delivery.transports.dialogue import Login
from shodaku.delivery.transports.job import Job, Verdict
from shodaku.delivery.transports.provider import Provider, look
from shodaku.delivery.transports.providers import APIS, Account

USERS = {Kind.MAILGUN: "mg.aoi.example", Kind.SES: "user"}
SENTENCES = {"closed": "The server closed the connection.", "silent": "The server does not answer."}


def account(kind, key="himitsu"):
    return Account("localhost", Login(USERS.get(kind, ""), key))


class Letters:
    """A batch; `names` say what the imitation does to each."""

    def __init__(self, names, *, revoked=(), octets_min=0):
        self.outcomes = collections.defaultdict(list)
        self.jobs = [
            Job(self, PERMIT, b"b+ff@mail.example.jp", f"{name}@y.jp".encode(), octets_min=octets_min)
            for name in names
        ]
        self.revoked, self.begins, self.done = set(revoked), True, asyncio.Event()
        self.asked = []

    def may_begin(self, job):
        return self.begins

    def content(self, job, *, eight_bit=False):
        self.asked.append(job.recipient.decode())
        if job.recipient.decode() in self.revoked:
            return None
        return [raw_of().replace(b"\r\n.", b"\r\n..")]

    def outcome(self, job, outcome):
        self.outcomes[job.recipient.decode()].append(outcome)
        if len(self.outcomes) == len(self.jobs):
            self.done.set()

    def said(self, name):
        (outcome,) = self.outcomes[f"{name}@y.jp"]
        return outcome

    def verdicts(self):
        return collections.Counter(outcome.verdict for (outcome,) in self.outcomes.values())


async def reached(condition):
    """Of another thread, so no event tells it."""
    async with asyncio.timeout(15):
        while not condition():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)


def sent(imitation, names, *, connections=1, key="himitsu", **more):
    """The letters and the provider, when all of them have an outcome."""

    async def main():
        letters = Letters(
            names, **{name: more.pop(name) for name in ("revoked", "octets_min") if name in more}
        )
        provider = Provider(
            APIS[imitation.kind],
            account(imitation.kind, key),
            imitation.port,
            connections,
            **{"backoff_seconds": 100.0, "encrypted": False} | more,
        )
        provider.submit(letters.jobs)
        async with asyncio.timeout(20):
            await letters.done.wait()
        await provider.close()
        return letters, provider

    return asyncio.run(main())


@pytest.mark.parametrize("kind", PROVIDERS)
def test_what_a_provider_takes_is_accepted_over_connections_that_are_kept(kind):
    names = [f"fine.{number}" for number in range(12)]
    with Imitation(kind) as imitation:
        letters, provider = sent(imitation, names, connections=3)
    assert letters.verdicts() == {Verdict.ACCEPTED: 12}
    assert sorted(each.recipient for each in imitation.taken) == sorted(f"{name}@y.jp" for name in names)
    assert imitation.connections <= 3
    assert provider.unreachable is None


FAULTS = {  # name -> verdict; whether it is kept there
    "s400": (Verdict.FAILED, 0),
    "s408": (Verdict.DEFERRED, 0),
    "s429": (Verdict.UNTOUCHED, 0),
    "s401": (Verdict.UNTOUCHED, 0),
    "s302": (Verdict.UNTOUCHED, 0),
    "s500": (Verdict.UNCERTAIN, 0),
    "s500after": (Verdict.UNCERTAIN, 1),
    "s503after": (Verdict.UNCERTAIN, 1),
    "before": (Verdict.UNCERTAIN, 0),
    "after": (Verdict.UNCERTAIN, 1),
    "garbage": (Verdict.UNCERTAIN, 1),
    "half": (Verdict.UNCERTAIN, 1),
    "page": (Verdict.UNCERTAIN, 1),
}


@pytest.mark.parametrize("kind", PROVIDERS)
@pytest.mark.parametrize(("fault", "wanted"), FAULTS.items())
def test_what_becomes_of_a_message_is_true_and_it_is_offered_once(kind, fault, wanted):
    verdict, kept = wanted
    with Imitation(kind) as imitation:
        letters, _ = sent(imitation, [f"{fault}.1"])
    assert (letters.said(f"{fault}.1").verdict, imitation.arrived(f"{fault}.1@y.jp")) == (verdict, kept)
    assert imitation.asked == [f"{fault}.1@y.jp"]


def test_one_that_fails_stops_nobody_else():
    with Imitation(Kind.POSTMARK) as imitation:
        letters, provider = sent(imitation, ["fine.1", "s400.2", "s422.3", "fine.4"])
    assert letters.verdicts() == {Verdict.ACCEPTED: 2, Verdict.FAILED: 2}
    assert letters.said("s422.3").text == "HTTP 422 no"
    assert not provider.retry_at


@pytest.mark.parametrize("fault", ["s401", "s429", "s500", "after"])
def test_a_provider_in_trouble_is_left_in_peace_and_the_rest_goes_back_untouched(fault):
    with Imitation(Kind.SENDGRID) as imitation:
        letters, provider = sent(imitation, [f"{fault}.1", *(f"fine.{number}" for number in range(2, 9))])
    assert imitation.asked == [f"{fault}.1@y.jp"]
    assert letters.verdicts()[Verdict.UNTOUCHED] >= 7
    assert letters.asked == [f"{fault}.1@y.jp"], "of the others no content was even made"
    assert provider.unreachable is not None
    assert provider.retry_at > 0


def test_a_key_that_cannot_stand_in_a_request_loses_nobody():
    with Imitation(Kind.SENDGRID) as imitation:
        for key in ("a\nb", "鍵", "a\r\nX-Evil: 1"):
            letters, provider = sent(imitation, ["fine.1", "fine.2"], key=key)
            assert letters.verdicts() == {Verdict.UNTOUCHED: 2}
            assert provider.unreachable.text == "The provider cannot be asked with this user name or key."
            tried = asyncio.run(
                look(APIS[Kind.SENDGRID], account(Kind.SENDGRID, key), imitation.port, encrypted=False)
            )
            assert (tried.verdict, tried.text) == (Verdict.FAILED, provider.unreachable.text)
    assert imitation.asked == []


def test_a_storm_of_faults_makes_no_campaign_uncertain_before_somebody_sees_it():
    """Each trial loses one message at most, and after five the circuit is open."""

    async def main(imitation):
        provider = Provider(
            APIS[imitation.kind],
            account(imitation.kind),
            imitation.port,
            1,
            encrypted=False,
            backoff_seconds=0.0,
        )
        uncertain = 0
        for trial in range(5):
            letters = Letters([f"s500.{trial}", *(f"s500.{trial}.{number}" for number in range(50))])
            provider.submit(letters.jobs)
            await letters.done.wait()
            uncertain += letters.verdicts()[Verdict.UNCERTAIN]
        await provider.close()
        return uncertain, provider.circuit_open

    with Imitation(Kind.SENDGRID) as imitation:
        uncertain, circuit_open = asyncio.run(main(imitation))
    assert (uncertain, circuit_open) == (5, True)


def test_the_pause_that_a_provider_asks_for_is_kept():
    with Imitation(Kind.SENDGRID, headers={"Retry-After": "120"}) as imitation:
        now = [1000.0]
        _, provider = sent(imitation, ["s429.1"], backoff_seconds=0.5, now=lambda: now[0])
    assert provider.retry_at == 1120.0


def test_a_provider_that_does_not_answer_leaves_the_message_uncertain():
    with Imitation(Kind.MAILGUN) as imitation:
        letters, provider = sent(imitation, ["stall.1"], reply_seconds_max=0.2)
    assert letters.said("stall.1").verdict is Verdict.UNCERTAIN
    assert provider.unreachable.text == SENTENCES["silent"]


def test_closing_calls_what_has_no_answer_uncertain_and_gives_the_rest_back():
    async def main(imitation):
        letters = Letters(["stall.1", "fine.2", "fine.3"])
        provider = Provider(APIS[imitation.kind], account(imitation.kind), imitation.port, 1, encrypted=False)
        provider.submit(letters.jobs)
        await reached(lambda: imitation.asked)
        await provider.close()
        late = Letters(["fine.4"])
        provider.submit(late.jobs)
        return letters, late

    with Imitation(Kind.BREVO) as imitation:
        letters, late = asyncio.run(main(imitation))
    assert letters.verdicts() == {Verdict.UNCERTAIN: 1, Verdict.UNTOUCHED: 2}
    assert late.verdicts() == {Verdict.UNTOUCHED: 1}
    assert imitation.asked == ["stall.1@y.jp"]


def test_who_is_revoked_at_the_last_look_is_never_named_to_the_provider():
    with Imitation(Kind.BREVO) as imitation:
        letters, _ = sent(imitation, ["fine.1", "fine.2", "fine.3"], revoked=["fine.2@y.jp"])
    assert letters.said("fine.2").verdict is Verdict.UNTOUCHED
    assert imitation.asked == ["fine.1@y.jp", "fine.3@y.jp"]


def test_what_is_withdrawn_before_it_began_is_given_back_untouched():
    async def main(imitation):
        first, second = Letters(["stall.1"]), Letters(["fine.2", "fine.3"])
        provider = Provider(APIS[imitation.kind], account(imitation.kind), imitation.port, 1, encrypted=False)
        provider.submit([*first.jobs, *second.jobs])
        await reached(lambda: imitation.asked)
        provider.withdraw(second)
        imitation.hold.set()
        await first.done.wait()
        await provider.close()
        return first, second

    with Imitation(Kind.SES) as imitation:
        first, second = asyncio.run(main(imitation))
    assert (first.verdicts(), second.verdicts()) == ({Verdict.ACCEPTED: 1}, {Verdict.UNTOUCHED: 2})
    assert second.asked == []


def test_a_connection_that_the_provider_closed_meanwhile_costs_no_message():
    async def main(imitation):
        provider = Provider(APIS[imitation.kind], account(imitation.kind), imitation.port, 1, encrypted=False)
        first, second = Letters(["fine.1"]), Letters(["fine.2"])
        provider.submit(first.jobs)
        await first.done.wait()
        await reached(lambda: provider._idle)
        provider._idle[0]._reader.feed_eof()  # what the loop does when the other side says goodbye
        provider.submit(second.jobs)
        await second.done.wait()
        await provider.close()
        return first, second

    with Imitation(Kind.POSTMARK) as imitation:
        first, second = asyncio.run(main(imitation))
    assert (first.verdicts(), second.verdicts()) == ({Verdict.ACCEPTED: 1}, {Verdict.ACCEPTED: 1})
    assert imitation.connections == 2


def test_what_is_larger_than_the_provider_takes_is_not_offered_to_it():
    limit = APIS[Kind.POSTMARK].octets_max
    for octets, verdict in ((limit, Verdict.ACCEPTED), (limit + 1, Verdict.FAILED)):
        with Imitation(Kind.POSTMARK) as imitation:
            letters, _ = sent(imitation, ["fine.1"], octets_min=octets)
        assert letters.said("fine.1").verdict is verdict


def test_nothing_there_gives_everything_back_untouched():
    with Imitation(Kind.SES) as imitation:
        pass
    letters, provider = sent(imitation, ["fine.1", "fine.2"], connections=2)
    assert letters.verdicts() == {Verdict.UNTOUCHED: 2}
    assert provider.unreachable.text == "Nothing accepts mail at this address and port."


@pytest.fixture(scope="module")
def localhost_certificate(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.mark.parametrize("trusted", [True, False])
def test_a_key_is_shown_to_nobody_whose_certificate_is_not_valid(localhost_certificate, trusted):
    trust = ssl.create_default_context(cafile=str(localhost_certificate) if trusted else None)
    with Imitation(Kind.POSTMARK, tls=serving(localhost_certificate)) as imitation:
        letters, provider = sent(imitation, ["fine.1", "fine.2"], encrypted=True, trust=trust)
        tried = asyncio.run(look(APIS[Kind.POSTMARK], account(Kind.POSTMARK), imitation.port, trust=trust))
    if trusted:
        assert letters.verdicts() == {Verdict.ACCEPTED: 2}
        assert tried.verdict is Verdict.ACCEPTED
        return
    assert letters.verdicts() == {Verdict.UNTOUCHED: 2}
    assert (letters.asked, imitation.asked) == ([], [])
    assert (
        provider.unreachable.text == tried.text == "The server's certificate is signed by the server itself."
    )


def test_a_paced_provider_sends_all_the_same():
    with Imitation(Kind.SES) as imitation:
        letters, _ = sent(imitation, [f"fine.{number}" for number in range(10)], connections=2, rate=200.0)
    assert letters.verdicts() == {Verdict.ACCEPTED: 10}


@pytest.mark.parametrize("kind", PROVIDERS)
def test_a_trial_shows_the_key_and_sends_nothing(kind):
    def tried(imitation, key):
        return asyncio.run(look(APIS[kind], account(kind, key), imitation.port, encrypted=False))

    with Imitation(kind) as imitation:
        good = tried(imitation, "himitsu")
        wrong = tried(imitation, "wrong")
        assert (good.verdict, good.text) == (Verdict.ACCEPTED, "The server is ready to take mail.")
        if kind is not Kind.SES:  # the imitation does not verify its signatures
            assert (wrong.verdict, wrong.text) == (Verdict.FAILED, "HTTP 401 Unauthorized")
        assert imitation.taken == []
    assert tried(imitation, "himitsu").text == "Nothing accepts mail at this address and port."
