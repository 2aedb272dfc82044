"""How long a no waits, what leaves after it, how many are obeyed in a second, how long forgetting takes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final

import psycopg
from django.db import connections
from psycopg import sql

from shodaku.config.bench import leavers, machine, sample, sink, token_check, watched_worker
from shodaku.config.bench.send import environment
from shodaku.delivery import selectors
from shodaku.erasure import selectors as erasures
from shodaku.erasure import services as erasure
from shodaku.kit import clock, db, runtime
from shodaku.kit.ids import uuid7
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token, url_form

NOS: Final = 5_000
PROCESSES: Final = 4
PEOPLE_A_NO: Final = 12  # so many people there are, that most of them get their mails
PRESSES: Final = 20_000
STALLS: Final = 5
HELD: Final = 4  # people of one chunk who say no while its worker stands still
DELIVERIES: Final = 500
ERASURES: Final = 7
_DELIVERED: Final = """
    insert into delivery (workspace_id, contact_id, mailing_id, week, topic_id, channel, outcome, reason,
                          attempt, at)
    select %(workspace_id)s, %(contact_id)s, n, date_trunc('week', %(now)s::timestamptz)::date, %(topic_id)s,
           'email', 'accepted', 'CONSENT_ACTIVE', 0, %(now)s - n * interval '1 minute'
    from generate_series(1, %(deliveries)s) n
"""


def run(options: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Options: messages (how many say no), owner_url. Our own receiver says when each content began."""
    owner_url, nos = str(options["owner_url"]), int(str(options.get("messages", NOS)))
    shop = sample.fill_whole(owner_url, nos * PEOPLE_A_NO, clock.now())
    yield from _under_full_sending(shop, nos)
    yield _stalled(shop)
    yield _one_click(sample.fill_whole(owner_url, min(PRESSES, nos * 4), clock.now()))
    yield _erase(owner_url, shop)
    yield from token_check.run({**options, "rows": nos * 200, "marks": nos * 20})


def _under_full_sending(shop: sample.Shop, nos: int) -> Iterator[Mapping[str, object]]:
    begun: dict[int, float] = {}
    with sink.receiver(begun) as port, tempfile.TemporaryDirectory() as folder:
        cuts = Path(folder) / "cuts"
        with machine.send_worker(environment(folder, port), watched_worker.__name__, str(cuts)):
            answers = _leave(shop, nos, Path(folder))
        cut_at = _cuts(cuts)
    waits = {
        case: [each.answered - each.started for each in answers if each.case == case]
        for case in (leavers.ANYONE, leavers.OPEN_CHUNK)
    }
    seconds = max(each.answered for each in answers) - min(each.started for each in answers)
    rates = {
        "nos_a_second": round(len(answers) / seconds, 1),
        "messages_a_second": round(_count(shop, "delivery") / seconds, 1),
    }
    yield _line("commit", waits[leavers.ANYONE], processes=PROCESSES, **rates)
    yield _line(f"commit, {leavers.OPEN_CHUNK}", waits[leavers.OPEN_CHUNK], processes=PROCESSES, **rates)
    late = sum(begun.get(each.contact_id, 0.0) >= each.answered for each in answers)
    yield machine.line("optout", "after", "messages", [late], len(answers), messages=_count(shop, "delivery"))
    heard = [
        at - each.started
        for each in answers
        for at in cut_at.get(each.contact_id, [])
        if each.started <= at <= each.answered
    ]
    if heard:
        yield _line("hint", heard)


def _leave(shop: sample.Shop, nos: int, folder: Path) -> list[leavers.Answer]:
    """Four processes say no while mailing after mailing goes to everybody."""
    files = [folder / f"answers.{part}" for part in range(PROCESSES)]
    planned = sample.launch(shop, clock.now())
    processes = [
        subprocess.Popen(  # noqa: S603 - our own
            [
                sys.executable,
                "-m",
                leavers.__name__,
                *map(str, (shop.workspace_id, part, PROCESSES, nos, file)),
            ],
            stderr=subprocess.DEVNULL,
        )
        for part, file in enumerate(files)
    ]
    while any(process.poll() is None for process in processes):
        progress = selectors.progress(shop.workspace_id, planned.mailing_id)
        if progress is None or progress.waiting < nos:  # the last of them wait for those who were just hinted
            planned = sample.launch(shop, clock.now())
        time.sleep(0.1)
    return [answer for file in files for answer in leavers.read(file)]


def _cuts(file: Path) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {}
    for line in file.read_text(encoding="ascii").splitlines():
        contact_id, at = line.split()
        found.setdefault(int(contact_id), []).append(float(at))
    return found


def _stalled(shop: sample.Shop) -> Mapping[str, object]:
    """A worker is stopped in the middle of a chunk; the server ends its transaction and its locks."""
    waits: list[float] = []
    with sink.receiver({}) as port, tempfile.TemporaryDirectory() as folder:
        for _ in range(STALLS):
            with machine.send_worker(environment(folder, port)) as worker, _running(shop):
                held = _stop_inside(worker.pid, shop)
                threads = [threading.Thread(target=_wait, args=[shop, each, waits]) for each in held]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                os.kill(worker.pid, signal.SIGCONT)
    return _line("stalled", waits)


@contextmanager
def _running(shop: sample.Shop) -> Iterator[None]:
    sample.launch(shop, clock.now())
    yield


def _stop_inside(pid: int, shop: sample.Shop) -> list[int]:
    """Whose locks a stopped worker holds."""
    until = time.monotonic() + sample.SECONDS_MAX
    while time.monotonic() < until:
        people = leavers.in_open_chunk(shop.workspace_id)
        os.kill(pid, signal.SIGSTOP)
        held = [each for each in people if leavers.is_held(shop.workspace_id, each)] if people else []
        if len(held) >= HELD:
            return held[:HELD]
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.05)
    raise sample.DidNotEnd


def _wait(shop: sample.Shop, contact_id: int, waits: list[float]) -> None:
    answer = leavers.leave(shop.workspace_id, contact_id, leavers.OPEN_CHUNK)
    waits.append(answer.answered - answer.started)
    connections.close_all()  # a thread's own; the pool has twenty


def _one_click(shop: sample.Shop) -> Mapping[str, object]:
    """One web process, the mailbox provider in another; each answer leaves after its commit."""
    keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    links = [
        url_form(keys.make(Token(shop.workspace_id, 0, contact_id, Purpose.DELIVERY)))
        for contact_id in sample.people(shop)
    ]
    port = machine.free_port()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "links"
        file.write_text("\n".join(links), encoding="ascii")
        with machine.web_server(port) as server:
            cpu, postgres = machine.cpu_seconds(server.pid), machine.postgres_cpu_seconds()
            command = [sys.executable, "-m", "shodaku.config.bench.presses", str(port), str(file)]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own
            cpu, after = machine.cpu_seconds(server.pid) - cpu, machine.postgres_cpu_seconds()
    found = json.loads(said)
    milliseconds = sorted(found["milliseconds"])
    return machine.line(
        "optout",
        "oneclick",
        "requests/s",
        [len(links) / found["seconds"]],
        len(links),
        answers=found["answers"],
        refusals=_count(shop, "refusal"),
        p50_ms=round(_at(milliseconds, 0.5), 1),
        p99_ms=round(_at(milliseconds, 0.99), 1),
        server_cpu_us=round(cpu / len(links) * 1e6, 1),
        postgres_cpu_us=None
        if after is None or postgres is None
        else round((after - postgres) / len(links) * 1e6, 1),
    )


def _count(shop: sample.Shop, table: str) -> int:
    query = sql.SQL("select count(*) from {} where workspace_id = %s").format(sql.Identifier(table))
    with db.transaction(shop.workspace_id) as connection:
        row = connection.execute(query, [shop.workspace_id]).fetchone()
    return int(row[0]) if row else 0


def _erase(owner_url: str, shop: sample.Shop) -> Mapping[str, object]:
    """From the request to the certificate."""
    milliseconds = []
    for contact_id in sample.people(shop)[-ERASURES:]:
        with psycopg.connect(owner_url, autocommit=True) as connection, connection.transaction():
            connection.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
            values = {
                "workspace_id": shop.workspace_id,
                "contact_id": contact_id,
                "topic_id": shop.topic_id,
                "now": clock.now(),
                "deliveries": DELIVERIES,
            }
            connection.execute(
                "delete from delivery where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s",
                values,
            )
            connection.execute(_DELIVERED, values)
        start = time.perf_counter()
        erasure_id = erasure.request(
            shop.workspace_id, contact_id, rule="erase", receipt=f"bench-{contact_id}", now=clock.now()
        )
        now = clock.now()
        erasure.forget(shop.workspace_id, erasure_id, now=now, event_id=uuid7(now, os.urandom(10)))
        milliseconds.append((time.perf_counter() - start) * 1000)
        if erasures.remains(shop.workspace_id, contact_id):
            raise sample.DidNotEnd
    return machine.line(
        "optout",
        "erase",
        "ms",
        milliseconds,
        ERASURES,
        worst=round(max(milliseconds), 1),
        deliveries=DELIVERIES,
    )


def _line(case: str, seconds: Sequence[float], **more: object) -> dict[str, object]:
    ordered = sorted(each * 1000 for each in seconds)
    return machine.line(
        "optout",
        case,
        "ms",
        [median(ordered)] if ordered else [0.0],
        len(ordered),
        p50_ms=round(_at(ordered, 0.5), 2),
        p99_ms=round(_at(ordered, 0.99), 1),
        worst=round(_at(ordered, 1.0), 1),
        **more,
    )


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[int(share * (len(ordered) - 1))] if ordered else 0.0
