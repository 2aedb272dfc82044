"""An audience judged by the gate: facts and decision with all checks, in one process and in two."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from statistics import median
from typing import Final

import psycopg
from psycopg import sql

from shodaku.config.bench import machine, sample
from shodaku.consent import services as consent
from shodaku.delivery import selectors
from shodaku.kit import clock, db
from shodaku.kit.errors import ShodakuError

PEOPLE: Final = 1_000_000
ROUNDS: Final = 3
CHOSEN: Final = sample.Everybody("c.source = 'form'", {})  # three of five
# of a hundred people ten are not plainly good, each kind for another reason
_MIX: Final = (
    "update contact set source = 'import' where contact_id %% 5 < 2",
    "update contact set locale = 'ja', country = 'JP', country_from = 5 where contact_id %% 2 = 0",
    """insert into refusal (workspace_id, contact_id, scope, at, via, event_id)
       select workspace_id, contact_id, 'all', %(now)s, 'page', gen_random_uuid() from contact
       where contact_id / 5 %% 100 in (0, 1)""",
    """update consent set state = 'withdrawn', since = %(now)s where contact_id / 5 %% 100 in (0, 1)""",
    """insert into refusal (workspace_id, contact_id, scope, topic_id, at, via, event_id)
       select workspace_id, contact_id, 'topic', %(topic_id)s, %(now)s, 'page', gen_random_uuid() from contact
       where contact_id / 5 %% 100 = 2""",
    """insert into suppression (workspace_id, token, strength, norm, pepper_epoch, reason, at)
       select workspace_id, token, 'strict', 1, 1, 'erased', %(now)s from address
       where contact_id / 5 %% 100 = 3""",
    """update consent set since = %(now)s - interval '500 days',
                          last_contact_at = %(now)s - interval '500 days'
       where contact_id / 5 %% 100 = 4""",
    "update consent set topic_id = %(other_id)s where contact_id / 5 %% 100 = 5",
    "delete from consent where contact_id / 5 %% 100 = 6",
    """insert into basis (workspace_id, contact_id, kind, at)
       select workspace_id, contact_id, 'business_card', %(now)s from contact
       where contact_id / 5 %% 100 = 6""",
    "update contact set country = 'KR', country_from = 3 where contact_id / 5 %% 100 = 7",
    "update consent set confirmed = false where contact_id / 5 %% 100 = 8",
    "update consent set expires_at = %(now)s - interval '1 hour' where contact_id / 5 %% 100 = 9",
    "select delivery_partition(date_trunc('week', %(now)s::timestamptz)::date)",
    """insert into delivery (workspace_id, contact_id, mailing_id, week, topic_id, channel, outcome, reason,
                             attempt, at)
       select workspace_id, contact_id, 1, date_trunc('week', %(now)s::timestamptz)::date, %(topic_id)s,
              'email', 'accepted', 'OK_CONSENT', 1, %(now)s - interval '1 minute' from contact
       where contact_id %% 3 = 0""",
)
_TABLES: Final = ("contact", "address", "consent", "refusal", "suppression", "basis", "delivery")
_MEDIAN: Final = """
    select percentile_disc(0.5) within group (order by contact_id) from contact
    where workspace_id = %s and source = 'form'
"""


class PeopleLost(ShodakuError):
    """Two halves of an audience are not the whole."""

    code = "bench_people_lost"


@dataclass(frozen=True, slots=True)
class Round:
    seconds: float
    reasons: Counter[str]
    rss_mib: int
    worker_cpu: float  # seconds, as the next
    postgres_cpu: float | None


def run(options: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Options: messages (people in the table), rounds, owner_url. Raises PeopleLost."""
    people, rounds = int(str(options.get("messages", PEOPLE))), int(str(options.get("rounds", ROUNDS)))
    now = clock.now()
    shop = fill(str(options["owner_url"]), people, now)
    halves = _halves(shop)
    rests = machine.resident_mib(os.getpid())
    alone = [_alone(shop, now) for _ in range(rounds)]
    yield _line("audience", alone, people, resting_mib=rests)
    together = [_together(shop, halves, now) for _ in range(rounds)]
    if together[0].reasons != alone[0].reasons:
        raise PeopleLost
    yield _line("audience, two processes", together, people)


def fill(owner_url: str, people: int, now: datetime) -> sample.Shop:
    """A shop of which six in ten are meant, and nine in ten of those may be written to."""
    shop = sample.fill(owner_url, people, now)
    other = consent.NewTopic(
        slug="other", name="その他", name_en="Other", content="催事", purpose="案内",
        frequency=sample.PROMISE, sender_id=shop.sender_id,
    )  # fmt: skip
    other_id = consent.create_topic(shop.workspace_id, other, now=now)
    values = {"now": now, "topic_id": shop.topic_id, "other_id": other_id}
    with psycopg.connect(owner_url, autocommit=True) as connection:
        with connection.transaction():
            connection.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
            for statement in _MIX:
                connection.execute(statement, values)
        for table in _TABLES:
            connection.execute(sql.SQL("vacuum analyze {}").format(sql.Identifier(table)))
    return shop


def _alone(shop: sample.Shop, now: datetime) -> Round:
    server, cpu, start = machine.postgres_cpu_seconds(), time.process_time(), time.perf_counter()
    reasons = _reasons(shop, selectors.EVERYBODY, now)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    return Round(seconds, reasons, machine.resident_mib(os.getpid()), cpu, _since(server))


def _together(shop: sample.Shop, spans: Sequence[selectors.Span], now: datetime) -> Round:
    """Both wait for the word, so that no start of an interpreter is measured."""
    workers = [_worker(shop, span, now) for span in spans]
    for worker in workers:
        _read(worker)
    server, start = machine.postgres_cpu_seconds(), time.perf_counter()
    for worker in workers:
        _tell(worker, "go")
    answers = [json.loads(_read(worker)) for worker in workers]
    seconds = time.perf_counter() - start
    for worker in workers:
        worker.wait()
    reasons: Counter[str] = Counter()
    for answer in answers:
        reasons.update(answer["reasons"])
    cpu = sum(answer["cpu"] for answer in answers)
    return Round(seconds, reasons, max(answer["rss_mib"] for answer in answers), cpu, _since(server))


def _since(before: float | None) -> float | None:
    """CPU seconds of PostgreSQL since then; None where it cannot be told."""
    after = machine.postgres_cpu_seconds()
    return None if before is None or after is None else after - before


def _worker(shop: sample.Shop, span: selectors.Span, now: datetime) -> subprocess.Popen[str]:
    meant = json.dumps({"shop": asdict(shop), "span": asdict(span), "now": now.isoformat()})
    command = [sys.executable, "-m", "shodaku.config.bench.span", meant]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own


def _read(worker: subprocess.Popen[str]) -> str:
    if worker.stdout is None or not (line := worker.stdout.readline()):
        raise machine.WorkerDidNotStart
    return line


def _tell(worker: subprocess.Popen[str], word: str) -> None:
    if worker.stdin is None:
        raise machine.WorkerDidNotStart
    worker.stdin.write(f"{word}\n")
    worker.stdin.flush()


def _reasons(shop: sample.Shop, span: selectors.Span, now: datetime) -> Counter[str]:
    question = selectors.question_of_topic(shop.workspace_id, shop.topic_id)
    reasons: Counter[str] = Counter()
    for people in selectors.judgements(shop.workspace_id, question, CHOSEN, now=now, span=span):
        reasons.update([verdict.reason.value for _contact_id, (verdict,), _group in people])
    return reasons


def _halves(shop: sample.Shop) -> list[selectors.Span]:
    with db.transaction(shop.workspace_id) as connection:
        row = connection.execute(_MEDIAN, [shop.workspace_id]).fetchone()
    middle = 0 if row is None or row[0] is None else int(row[0])
    return [selectors.Span(until=middle), selectors.Span(after=middle)]


def _line(case: str, rounds: Sequence[Round], people: int, **more: object) -> dict[str, object]:
    n = rounds[0].reasons.total()
    seconds = [each.seconds for each in rounds]
    return machine.line(
        "audience",
        case,
        "s",
        seconds,
        n,
        people=people,
        worker_cpu_us=_each([each.worker_cpu for each in rounds], n),
        postgres_cpu_us=_each([each.postgres_cpu for each in rounds if each.postgres_cpu is not None], n),
        rss_mib=max(each.rss_mib for each in rounds),
        reasons=dict(rounds[0].reasons.most_common()),
        **more,
    )


def _each(seconds: Sequence[float], n: int) -> float | None:
    """Microseconds a person, in the median."""
    return round(median(seconds) / max(1, n) * 1e6, 1) if seconds else None


def answer_when_told(told: str) -> None:
    """In a process of its own: ready, then wait for the word, then the answer, each a line."""
    meant = json.loads(told)
    shop, span = sample.Shop(**meant["shop"]), selectors.Span(**meant["span"])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    cpu = time.process_time()
    reasons = _reasons(shop, span, datetime.fromisoformat(meant["now"]))
    cpu = time.process_time() - cpu
    answer = {"reasons": dict(reasons), "cpu": cpu, "rss_mib": machine.resident_mib(os.getpid())}
    sys.stdout.write(json.dumps(answer) + "\n")
