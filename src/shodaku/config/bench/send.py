"""The whole path, from planned chunk to settled row, against Postfix's smtp-source in the same minutes.

To a relay that offers 8BITMIME, to one that does not, or signed by us, which leaves as base64 always; or
against others in turn: what one writes first (`naive`), `django-newsletter`, and `smtp-source` itself.
RSA signatures are held against what OpenSSL makes on one core: nothing that signs is faster.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Final

from shodaku.config import native
from shodaku.config.bench import django_newsletter, machine, naive, sample
from shodaku.content.render import Compiled, Recipient, header_date, render
from shodaku.delivery import selectors, services
from shodaku.delivery.compiling import compile_mailing
from shodaku.delivery.dkim import Algorithm, Signer, SigningKey, make_key
from shodaku.kit import clock, runtime
from shodaku.kit.errors import ShodakuError
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys
from shodaku.policy.domain import Permit

MESSAGES: Final = 20_000
ROUNDS: Final = 5
CONNECTIONS: Final = 8
EIGHT_BIT: Final = "8bit"
NAIVE: Final = "naive"
DJANGO_NEWSLETTER: Final = "django-newsletter"
SMTP_SOURCE: Final = "smtp-source"
AGAINST: Final = (NAIVE, DJANGO_NEWSLETTER, SMTP_SOURCE)
_REFERENCE_OF: Final = {NAIVE: "minijinja, EmailMessage, smtplib"}
ENCODINGS: Final = ("base64", EIGHT_BIT)


class NobodySendable(ShodakuError):
    """The sample has nobody who may be written to."""

    code = "bench_nobody_sendable"


@dataclass(frozen=True, slots=True)
class Round:
    per_second: float
    worker_us: float
    postgres_us: float | None
    mib: int


def run(options: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Options: messages, rounds, owner_url, encoding (base64 or 8bit; both), dkim (rsa or ed25519), against
    (some of AGAINST), newsletter_python (a Python that has django-newsletter).

    Raises NoReference, NoNewsletterPython, NotSent, DidNotEnd.
    """
    against = _chosen(options.get("against"))
    python = options.get("newsletter_python")
    if DJANGO_NEWSLETTER in against:  # before minutes are spent
        django_newsletter.installed_in(None if python is None else str(python))
    messages, rounds = int(str(options.get("messages", MESSAGES))), int(str(options.get("rounds", ROUNDS)))
    shop = sample.fill(str(options["owner_url"]), messages, clock.now())
    algorithm = Algorithm(str(options["dkim"])) if "dkim" in options else None
    if algorithm is not None:
        publish(shop, algorithm)
        yield _case(shop, messages, rounds, algorithm.value, algorithm)
        return
    if against:
        yield from _against(shop, messages, rounds, against, str(python))
        return
    for encoding in (str(options["encoding"]),) if "encoding" in options else ENCODINGS:
        yield _case(shop, messages, rounds, encoding, None)


def _case(
    shop: sample.Shop, messages: int, rounds: int, case: str, algorithm: Algorithm | None
) -> Mapping[str, object]:
    against = machine.openssl_rsa_per_second if algorithm is Algorithm.RSA else None
    with machine.smtp_sink(eight_bit=case == EIGHT_BIT) as port:
        length, measured = 0, []
        for _ in range(rounds):
            ours, length = _ours(shop, port, messages, length, case, algorithm)
            theirs = against() if against is not None else machine.smtp_source(port, length, messages)
            measured.append((ours, theirs))
    postgres = [each.postgres_us for each, _ in measured if each.postgres_us is not None]
    return machine.line(
        "send",
        case,
        "messages/s",
        [each.per_second for each, _ in measured],
        messages,
        reference_of="openssl speed rsa2048" if against is not None else "smtp-source",
        reference=round(median(theirs for _, theirs in measured)),
        ratio=round(median(each.per_second / theirs for each, theirs in measured), 3),
        ratios=[round(each.per_second / theirs, 3) for each, theirs in measured],
        bytes=length,
        worker_cpu_us=round(median(each.worker_us for each, _ in measured), 1),
        postgres_cpu_us=round(median(postgres), 1) if postgres else None,
        rss_mib=max(each.mib for each, _ in measured),
        code=native.state()[0],
    )


def _chosen(names: object) -> list[str]:
    given = [str(each) for each in names] if isinstance(names, list | tuple) else []
    return [name for name in AGAINST if name in given]


def _against(
    shop: sample.Shop, messages: int, rounds: int, against: list[str], newsletter_python: str
) -> Iterator[Mapping[str, object]]:
    """A case for each of the others; ours and all of them take turns, to the same receiver."""
    newsletter, length = sample.newsletter(shop), 0
    ours: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in against}
    with machine.smtp_sink(eight_bit=False) as port:
        for _ in range(rounds):
            ours_now, length = _ours(shop, port, messages, length, "base64", None)
            ours.append(ours_now.per_second)
            others: dict[str, Callable[[], float]] = {
                NAIVE: partial(naive.per_second, newsletter, port, messages),
                DJANGO_NEWSLETTER: partial(
                    django_newsletter.per_second, newsletter_python, newsletter, port, messages
                ),
                SMTP_SOURCE: partial(machine.smtp_source, port, length, messages),
            }
            for name, measured in theirs.items():
                measured.append(others[name]())
    for name, measured in theirs.items():
        ratios = [mine / other for mine, other in zip(ours, measured, strict=True)]
        yield machine.line(
            "send",
            name,
            "messages/s",
            ours,
            messages,
            reference_of=_REFERENCE_OF.get(name, name),
            reference=round(median(measured)),
            ratio=round(median(ratios), 3),
            ratios=[round(each, 3) for each in ratios],
            bytes=length,
            code=native.state()[0],
        )


def publish(shop: sample.Shop, algorithm: Algorithm) -> None:
    """A key of the sample's domain that signs, as if DNS had shown it."""
    domain, now = selectors.domains(shop.workspace_id)[0], clock.now()
    made = services.make_dkim_keys(shop.workspace_id, domain, [algorithm], by="bench", now=now)
    shown = [each.selector for each in made]
    services.settle_dkim_keys(shop.workspace_id, domain, shown, by="bench", now=now)


def _ours(
    shop: sample.Shop, port: int, messages: int, length: int, case: str, algorithm: Algorithm | None
) -> tuple[Round, int]:
    """From the first chunk's opening to the last one's settling, both by the database clock."""
    with tempfile.TemporaryDirectory() as home, machine.send_worker(environment(home, port)) as worker:
        cpu, server = machine.cpu_seconds(worker.pid), machine.postgres_cpu_seconds()
        planned = sample.launch(shop, clock.now())
        seconds = sample.seconds_taken(shop, planned.mailing_id)
        cpu, after = machine.cpu_seconds(worker.pid) - cpu, machine.postgres_cpu_seconds()
        mib = machine.resident_mib(worker.pid)
    postgres_us = None if after is None or server is None else (after - server) / messages * 1e6
    length = length or message_bytes(shop, planned.mailing_id, algorithm, eight_bit=case == EIGHT_BIT)
    return Round(messages / seconds, cpu / messages * 1e6, postgres_us, mib), length


def environment(home: str, port: int) -> dict[str, str]:
    here = runtime.current()
    return {
        "SHODAKU_HOME": home,
        "SHODAKU_KEYS": str(here.keys),
        "SHODAKU_PUBLIC_URL": here.public_url,
        "SHODAKU_DATABASE_URL": here.database_url,
        "SHODAKU_SMTP_URL": f"smtp://127.0.0.1:{port}?tls=none&connections={CONNECTIONS}",
    }


def message_bytes(
    shop: sample.Shop, mailing_id: int, algorithm: Algorithm | None = None, *, eight_bit: bool = False
) -> int:
    """Length of one message, as the worker builds and signs it."""
    letter = one_letter(shop, mailing_id)
    now = clock.now()
    buffers = letter.built(header_date(now), eight_bit=eight_bit)
    if algorithm is not None:
        (key, *_) = selectors.dkim_keys(shop.workspace_id)
        same_kind = SigningKey(key.domain, key.selector, algorithm, make_key(algorithm)[0])
        buffers = Signer([same_kind]).signed(buffers, now)
    return len(b"".join(buffers))


@dataclass(frozen=True, slots=True)
class OneLetter:
    """A mailing as a worker compiled it, and somebody who may get it."""

    permit: Permit
    compiled: Compiled
    recipient: Recipient

    def built(self, date: bytes, *, eight_bit: bool) -> list[bytes]:
        return render(self.permit, self.compiled, self.recipient, date, eight_bit=eight_bit).buffers


def one_letter(shop: sample.Shop, mailing_id: int) -> OneLetter:
    """Raises NobodySendable."""
    row = selectors.mailing(shop.workspace_id, mailing_id)
    links = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    question = selectors.question_of_topic(shop.workspace_id, shop.topic_id)
    everybody = selectors.verdicts(shop.workspace_id, question, sample.Everybody("true", {}), now=clock.now())
    verdict = next(iter(everybody)).verdict
    if row is None or not isinstance(verdict, Permit):
        raise NobodySendable
    compiled = compile_mailing(row, shop.workspace_id, links, runtime.current().public_url, eight_bit=True)
    values = dict.fromkeys(compiled.slots, "山田 花子 様")
    recipient = Recipient(verdict.contact_id, f"{verdict.contact_id}@bench.invalid", values)
    return OneLetter(verdict, compiled, recipient)
