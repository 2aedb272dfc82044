"""Everything goes wrong for a while: workers are killed, stopped and lost, the database is restarted, the
relay misbehaves and people opt out, while one campaign after the other is sent by several machines.

    python -m tests.faults.soak --minutes 30

prints a table, with `--json` one line; exit status 1 if anybody was lost, got an advertisement twice, or got
one that began after their opt-out was answered, or if a record is not true. `--minutes 0`: each trouble once.
However it ends, by a signal as well, nothing that it started goes on (tests/faults/keeper.py).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from tests.faults.keeper import Keeper

MINUTES_MAX = 35.0  # and what the last round needs to end, without trouble
MACHINES = 3
PEOPLE = 2_000  # a round; they get two campaigns at once
STANDSTILL_SECONDS_MAX = 300.0  # in which nobody of a round got a result; how long one lasts is the machine's
END_SECONDS_MAX = 120.0  # of a worker that was told to; one that takes longer hangs
ENDED_SECONDS_MAX = 8.0  # 5 are promised; the machine is busy with three workers, a database and a relay
STOPPED_SECONDS = 6.0  # longer than the server waits for who holds locks
LEAVERS = 2
FAULTS = (
    "later=0.05,never=0.01,later-after=0.01,never-after=0.005,stall=0.002,close-kept=0.004,close-lost=0.004,"
    "garbage=0.002,shutting-down=0.004"
)


class Relay:
    """`shodaku chaos smtp`; what it took stands in its log, which outlives it."""

    def __init__(self, folder: Path, port: int, keeper: Keeper) -> None:
        self.port, self.log, self._keeper = port, folder / "taken.jsonl", keeper
        self.starts, self.read_bytes = 0, 0
        self.log.touch()
        self._start()

    def _start(self) -> None:
        words = ["--port", self.port, "--faults", FAULTS, "--stall-seconds", 3, "--seed", self.starts]
        command = [sys.executable, "-m", "shodaku", "chaos", "smtp", *words, "--log", self.log]
        self.starts += 1
        self.process = subprocess.Popen([str(each) for each in command], stdout=subprocess.DEVNULL)
        self._keeper.watch(self.process.pid)

    def kill(self) -> None:
        self.end()
        self._start()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()

    def lines(self) -> list[dict[str, object]]:
        """Those that came since the last call; one that is half written comes with the next."""
        with self.log.open("rb") as log:
            log.seek(self.read_bytes)
            new = log.read()
        whole = new[: new.rfind(b"\n") + 1]
        self.read_bytes += len(whole)
        found = []
        for line in whole.splitlines():
            with contextlib.suppress(ValueError):  # the half line of one that was killed while it wrote
                found.append(json.loads(line))
        return found


class Machine:
    """A send worker with a home of its own, which a supervisor starts again when it ends."""

    def __init__(self, home: Path, keeper: Keeper) -> None:
        self.home, self._keeper = home, keeper
        self._start()

    def _start(self) -> None:
        values = {**os.environ, "SHODAKU_HOME": str(self.home)}
        command = [sys.executable, "-m", "shodaku.config.worker", "--plane", "send"]
        self.process = subprocess.Popen(command, env=values, stderr=subprocess.DEVNULL)
        self._keeper.watch(self.process.pid)

    @property
    def host(self) -> str | None:
        file = self.home / "journals" / "host"
        return file.read_text(encoding="ascii") if file.exists() else None

    def supervise(self) -> bool:
        """Was it started again?"""
        if self.process.poll() is None:
            return False
        self._start()
        return True

    def end(self, number: int = signal.SIGKILL) -> int:
        self.process.send_signal(number)
        return self.process.wait(END_SECONDS_MAX)

    def burn(self) -> str | None:
        """Killed, and its disk with it; the number it had."""
        self.end()
        host = self.host
        shutil.rmtree(self.home, ignore_errors=True)  # it may just have been started
        return host


@dataclass
class Counts:
    rounds: int = 0
    people: int = 0
    taken: int = 0
    opt_outs: int = 0
    started_again: int = 0
    late_ends: int = 0
    troubles: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    given_up: int = 0  # people in chunks of burnt machines
    lost: int = 0
    twice: int = 0
    after_opt_out: int = 0
    untrue: int = 0

    @property
    def well(self) -> bool:
        return not (self.lost or self.twice or self.after_opt_out or self.untrue or self.late_ends)


class Trouble(threading.Thread):
    """One trouble after the other, each kind in each cycle; never while `quiet` is held."""

    def __init__(self, house: House, chance: random.Random, *, once: bool) -> None:
        super().__init__(daemon=True)
        self.quiet, self.over = threading.Lock(), threading.Event()
        self.cycles, self.until, self._seen_bytes = 0, 0.0, 0
        self._house, self._chance, self._once = house, chance, once
        self.error: BaseException | None = None

    def run(self) -> None:
        kinds = [self.kill, self.stop, self.term, self.restart, self.cut, self.burn, self.relay]
        kinds += [] if self._once else [self.kill] * 3
        pause = (0.2, 0.6) if self._once else (0.5, 3.0)
        try:
            while not (self.over.is_set() or (self._once and self.cycles)):
                self._chance.shuffle(kinds)
                for kind in kinds:
                    if self.over.wait(self._chance.uniform(*pause)):
                        return
                    self._wait_for_mail()
                    with self.quiet:
                        kind(self._chance.choice(self._house.machines))
                        self._house.counts.troubles[kind.__name__] += 1
                self.cycles += 1
        except BaseException as error:  # noqa: BLE001 - told by who waits for us
            self.error = error

    def _wait_for_mail(self) -> None:
        """No trouble before a mail left since the last one: else all would hit workers that just start, and
        on a busy machine none would ever be left to work."""
        while (size := self._house.relay.log.stat().st_size) == self._seen_bytes:
            if self.over.wait(0.05):
                break
        self._seen_bytes = size

    def kill(self, machine: Machine) -> None:
        machine.end()

    def stop(self, machine: Machine) -> None:
        machine.process.send_signal(signal.SIGSTOP)
        self.over.wait(STOPPED_SECONDS)
        machine.process.send_signal(signal.SIGCONT)

    def term(self, machine: Machine) -> None:
        begun = time.monotonic()
        machine.end(signal.SIGTERM)
        self._house.counts.late_ends += time.monotonic() - begun > ENDED_SECONDS_MAX

    def restart(self, _machine: Machine) -> None:
        """Immediate: no checkpoint is written, sessions are cut."""
        postgres = self._house.postgres
        os.kill(postgres.pid, signal.SIGQUIT)
        while postgres.pid is not None:
            time.sleep(0.01)
        postgres.start()
        self._house.keeper.watch(postgres.pid, signal.SIGQUIT)

    def cut(self, _machine: Machine) -> None:
        """Every connection of the product, wherever it stands, in a COMMIT as well."""
        others = """select pg_terminate_backend(pid) from pg_stat_activity
                    where usename = current_user and pid <> pg_backend_pid()"""
        with psycopg.connect(self._house.url, autocommit=True) as connection:
            connection.execute(others)

    def burn(self, machine: Machine) -> None:
        host = machine.burn()
        if host is not None:
            self._house.burnt.add(host)

    def relay(self, _machine: Machine) -> None:
        self._house.relay.kill()


class Leaver(threading.Thread):
    """Says no for one after the other, half of them people of open chunks; notes when it was answered."""

    def __init__(self, workspace_id: int, people: list[int], chance: random.Random) -> None:
        super().__init__(daemon=True)
        self.over, self.answered = threading.Event(), {}
        self._workspace_id, self._people, self._chance = workspace_id, people, chance

    def run(self) -> None:
        from django.db import connections

        from shodaku.config.bench import leavers

        while not self.over.wait(self._chance.expovariate(4.0)):
            try:
                there = leavers.in_open_chunk(self._workspace_id) if self._chance.random() < 0.5 else []
                contact_id = self._chance.choice(there or self._people)
                if contact_id not in self.answered:
                    answer = leavers.leave(self._workspace_id, contact_id, leavers.ANYONE)
                    self.answered[contact_id] = answer.answered
            except Exception:  # noqa: BLE001 - the database is away: nobody was told "done"
                connections.close_all()
        connections.close_all()


@dataclass
class House:
    folder: Path
    postgres: object
    url: str
    owner_url: str
    relay: Relay
    machines: list[Machine]
    keeper: Keeper
    counts: Counts = field(default_factory=Counts)
    kept: Counter[tuple[int, int]] = field(default_factory=Counter)  # (mailing, contact) -> how often
    begun: dict[tuple[int, int], list[float]] = field(default_factory=lambda: defaultdict(list))
    answered: dict[int, float] = field(default_factory=dict)
    burnt: set[str] = field(default_factory=set)

    def supervise(self) -> None:
        self.counts.started_again += sum(machine.supervise() for machine in self.machines)

    def read(self) -> None:
        """What the relay saw since we last looked. A message is known by the token in its Message-ID."""
        for line in self.relay.lines():
            self.counts.faults[line["fault"] or "well"] += 1
            if line["begun"] is None:
                continue
            key = message_of(line["message_id"])
            self.kept[key] += line["kept"]
            self.begun[key].append(line["begun"])
            self.counts.taken += line["kept"]


def message_of(message_id: str) -> tuple[int, int]:
    from shodaku.optout.whose import tokens_in

    (_, token) = tokens_in([message_id])[0]
    return token.subject_id, token.contact_id


def again(act, seconds: float = 180.0):
    """What needs the database, which may be away just now."""
    from django.db import Error, connections

    from shodaku.kit.errors import OutOfReach

    until = time.monotonic() + seconds
    while True:
        try:
            return act()
        except (psycopg.Error, Error, OutOfReach):
            if time.monotonic() > until:
                raise
            connections.close_all()
            time.sleep(0.2)


def give_up(url: str, burnt: set[str]) -> int:
    """As `shodaku campaign lost --host` for all that these machines were sending; how many people."""
    from shodaku.delivery import recovery, store

    async def main() -> int:
        connection = await store.connect(url)
        try:
            rows = await (await store.run(connection, "list_workspaces", {})).fetchall()
            held = [
                each
                for (workspace_id,) in rows
                for each in await recovery.open_elsewhere(connection, workspace_id)
                if each.host in burnt
            ]
            await recovery.give_up(connection, held)
            return sum(each.people for each in held)
        finally:
            await connection.close()

    return asyncio.run(main())


@contextlib.contextmanager
def a_house():
    from tests.optout.serving import free_port

    from shodaku.config import bind, reserved
    from shodaku.config.databases import migrate
    from shodaku.kit import keys
    from shodaku.kit.postgres import Postgres

    folder = Path(tempfile.mkdtemp(prefix="shodaku-soak-"))
    folder.chmod(0o755)  # the unprivileged PostgreSQL must reach its folder inside
    os.environ |= {"SHODAKU_HOME": str(folder), "SHODAKU_KEYS": str(folder / "keys")}
    keys.create_missing(folder / "keys")
    postgres = Postgres(folder / "postgres")
    with contextlib.ExitStack() as stack:
        keeper = Keeper()
        stack.callback(keeper.end)
        keeper.remove(folder)
        stack.callback(postgres.stop)
        databases = postgres.start()
        keeper.watch(postgres.pid, signal.SIGQUIT)
        stack.callback(bind.stop)
        relay = Relay(folder, free_port(), keeper)
        stack.callback(relay.end)
        os.environ |= {
            "SHODAKU_DATABASE_URL": databases.application,
            "SHODAKU_OWNER_URL": databases.owner,
            "SHODAKU_VAULT_URL": databases.vault,
            "SHODAKU_SMTP_URL": f"smtp://127.0.0.1:{relay.port}?tls=none&connections=4",
        }
        bind.start()
        migrate()
        reserved.start()
        machines = []
        for number in range(MACHINES):
            machines.append(Machine(folder / f"machine{number}", keeper))
            stack.callback(machines[-1].end)
        yield House(folder, postgres, databases.application, databases.owner, relay, machines, keeper)


def one_round(house: House, trouble: Trouble, people: int, chance: random.Random) -> None:
    from shodaku.config.bench import sample
    from shodaku.kit import clock

    with trouble.quiet:
        shop = again(lambda: sample.fill_whole(house.owner_url, people, clock.now()))
        everybody = again(lambda: sample.people(shop))
        planned = {}
        for _ in range(2):
            mailing_id, ids = launched(shop)
            planned[mailing_id] = ids
    leaving = [Leaver(shop.workspace_id, everybody, random.Random(chance.random())) for _ in range(LEAVERS)]
    for leaver in leaving:
        leaver.start()
    try:
        until_done(house, trouble, shop, planned, leaving)
    finally:
        for leaver in leaving:
            leaver.over.set()
        for leaver in leaving:
            leaver.join()
    for leaver in leaving:
        house.answered |= {
            each: min(at, house.answered.get(each, at)) for each, at in leaver.answered.items()
        }
    house.read()
    judge(house, shop, planned)


def until_done(house: House, trouble: Trouble, shop, planned: dict[int, set[int]], leaving) -> None:
    """Everything is started again that ended, and whatever waits for hours waits no more.

    Until everybody has a result, or nobody got one for STANDSTILL_SECONDS_MAX: they are counted as lost.
    """
    fewest = everybody = sum(map(len, planned.values()))
    few, until = everybody // 20, time.monotonic() + STANDSTILL_SECONDS_MAX
    while (left := again(lambda: waiting(shop, planned))) is not None:
        if left < fewest:
            fewest, until = left, time.monotonic() + STANDSTILL_SECONDS_MAX
        if time.monotonic() > until:
            return
        if trouble.error is not None:
            raise trouble.error
        if left < few:  # who is just opting out is asked about later: else there would be no end
            for leaver in leaving:
                leaver.over.set()
        if time.monotonic() > trouble.until and trouble.cycles:
            trouble.over.set()
        house.supervise()
        house.counts.given_up += again(lambda: give_up(house.url, {*house.burnt}))
        again(lambda: time_goes_on(house.owner_url, shop))
        time.sleep(0.5)


def launched(shop) -> tuple[int, set[int]]:
    """A mailing to everybody, and whom its chunks name before any of them is opened."""
    from shodaku.config.bench import sample
    from shodaku.delivery import services as delivery
    from shodaku.kit import clock, db

    with db.transaction(shop.workspace_id) as connection:
        plan = delivery.plan(sample.newsletter(shop), sample.Everybody("true", {}), now=clock.now())
        chunks = "select unnest(contact_ids) from chunk where workspace_id = %s and mailing_id = %s"
        rows = connection.execute(chunks, [shop.workspace_id, plan.mailing_id]).fetchall()
    return plan.mailing_id, {row[0] for row in rows}


def waiting(shop, mailings) -> int | None:
    """How many people have no result yet; None: all mailings are done."""
    from shodaku.delivery import selectors

    found = [selectors.progress(shop.workspace_id, each) for each in mailings]
    return None if all(each.state == "done" for each in found) else sum(each.waiting for each in found)


def time_goes_on(owner_url: str, shop) -> None:
    """Who was told to come again in some hours comes now; a trial has no hours."""
    from shodaku.kit import db

    with psycopg.connect(owner_url) as connection:
        connection.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        connection.execute(
            """update chunk set not_before = clock_timestamp() where workspace_id = %s
               and state = 'planned' and not_before > clock_timestamp() + interval '5 seconds'""",
            [shop.workspace_id],
        )
        connection.commit()  # before the jobs: workers lock them the other way round
        connection.execute(
            """update procrastinate_jobs set scheduled_at = null where status = 'todo'
               and task_name = 'delivery.send_chunk'
               and scheduled_at > clock_timestamp() + interval '5 seconds'"""
        )


def judge(house: House, shop, planned: dict[int, set[int]]) -> None:
    """What the records say against what the relay saw, for each person of each mailing."""
    counts = house.counts
    counts.rounds += 1
    counts.opt_outs = len(house.answered)
    for mailing_id, everybody in planned.items():
        results = again(lambda mailing_id=mailing_id: outcomes_of(shop, mailing_id))
        counts.people += len(everybody)
        counts.outcomes.update(results.values())
        counts.lost += len(everybody - results.keys())
        for contact_id, outcome in results.items():
            kept = house.kept[mailing_id, contact_id]
            counts.untrue += kept == 0 if outcome == "accepted" else kept > 0 and outcome != "uncertain"
    last_look(house)


def last_look(house: House) -> None:
    """Over all rounds: a message that comes again may come late."""
    house.counts.twice = sum(kept > 1 for kept in house.kept.values())
    house.counts.after_opt_out = sum(
        at >= house.answered.get(contact_id, at + 1)
        for (_, contact_id), times in house.begun.items()
        for at in times
    )


def outcomes_of(shop, mailing_id: int) -> dict[int, str]:
    from shodaku.kit import db

    with db.transaction(shop.workspace_id) as connection:
        rows = connection.execute(
            "select contact_id, outcome from delivery where workspace_id = %s and mailing_id = %s",
            [shop.workspace_id, mailing_id],
        ).fetchall()
    return dict(rows)


def run(minutes: float, people: int, seed: int) -> Counts:
    chance = random.Random(seed)
    with a_house() as house:
        trouble = Trouble(house, random.Random(chance.random()), once=not minutes)
        trouble.until = time.monotonic() + min(minutes, MINUTES_MAX) * 60
        trouble.start()
        try:
            while time.monotonic() < trouble.until or not trouble.cycles:
                one_round(house, trouble, people, chance)
                tell(house.counts)
        finally:
            trouble.over.set()
            trouble.join()
        if trouble.error is not None:
            raise trouble.error
        house.read()
        last_look(house)
        return house.counts


def tell(counts: Counts) -> None:
    """How it goes, for who waits half an hour."""
    wrong = (counts.lost, counts.twice, counts.after_opt_out, counts.untrue)
    line = f"round {counts.rounds}: {counts.taken:,} mails; lost, twice, after an opt-out, untrue: {wrong}\n"
    sys.__stderr__.write(line)
    sys.__stderr__.flush()


def table(counts: Counts) -> str:
    rows = [
        ("rounds, each of two campaigns at once", counts.rounds),
        ("people in them", counts.people),
        ("mails the relay took", counts.taken),
        ("opt-outs answered meanwhile", counts.opt_outs),
        *((f"trouble: {kind}", times) for kind, times in sorted(counts.troubles.items())),
        ("workers started again", counts.started_again),
        *((f"relay: {fault}", times) for fault, times in sorted(counts.faults.items())),
        *((f"recorded as {outcome}", people) for outcome, people in sorted(counts.outcomes.items())),
        ("people in chunks of burnt machines", counts.given_up),
        ("lost", counts.lost),
        ("got an advertisement twice", counts.twice),
        ("got one that began after their opt-out was answered", counts.after_opt_out),
        ("records that are not true", counts.untrue),
        ("workers that ended too late when told to", counts.late_ends),
    ]
    width = max(len(name) for name, _ in rows)
    return "".join(f"{name:<{width}}  {number:>9,}\n" for name, number in rows)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak")
    parser.add_argument("--minutes", type=float, default=30.0, help=f"at most {MINUTES_MAX:.0f}")
    parser.add_argument("--people", type=int, default=PEOPLE, help="of a round")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: what was begun is ended first
        signal.signal(number, lambda got, _frame: sys.exit(128 + got))
    with contextlib.redirect_stderr(io.StringIO()):  # the product's own lines
        counts = run(options.minutes, options.people, options.seed)
    told = {name: getattr(counts, name) for name in Counts.__dataclass_fields__}
    sys.stdout.write(json.dumps(told) + "\n" if options.json else table(counts))
    return 0 if counts.well else 1


if __name__ == "__main__":
    sys.exit(main())
