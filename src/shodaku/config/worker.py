"""The processes behind `shodaku worker`: send and ledger plane without Django, the chore plane with it."""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib.util
import os
import signal
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from typing import Any, Final

import procrastinate
import psycopg

from shodaku.config import environment, native
from shodaku.kit import clock, keys, log, runtime, stopping, two_clocks
from shodaku.kit.errors import OutOfReach, ShodakuError
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.queue import Queue

CHORE_LANES: Final = 4
_VALUES_PER_COLLECTION: Final = 50_000  # those of ten chunks
STOP_SECONDS: Final = 4.0
STALLED_SECONDS: Final = 30.0  # a living worker says so every 10 s
RESCUE_SECONDS: Final = 15.0
TEND_SECONDS: Final = 1.5  # who opted out while the database was away waits no longer than that
# a chore that failed is tried again for about a day: a promise does not end with an error
RETRY: Final = procrastinate.RetryStrategy(max_attempts=16, exponential_wait=2)
ROOMS_WITH_JOBS: Final = (
    "accounts", "contacts", "ledger", "consent", "suppression", "content", "segments", "delivery", "journeys",
    "signup", "imports", "campaigns", "notices", "events", "erasure", "optout", "api", "complaints",
    "console", "backups",
)  # fmt: skip


class Plane(StrEnum):
    SEND = "send"
    CHORE = "chore"
    LEDGER = "ledger"


NEEDED: Final = {
    Plane.SEND: (KeyPurpose.LINK, KeyPurpose.PEPPER, KeyPurpose.KEK),
    Plane.CHORE: (
        KeyPurpose.LINK, KeyPurpose.PEPPER, KeyPurpose.KEK, KeyPurpose.HOLD, KeyPurpose.OUTBOX,
    ),
    Plane.LEDGER: (KeyPurpose.LEDGER,),
}  # fmt: skip


class NoDatabase(OutOfReach):
    """No database is set."""

    code = "no_database"


def run(plane: Plane) -> None:
    """Until SIGTERM or SIGINT; ends within 5 seconds.

    Raises KeyMissing, KeyExposed, KeyUnreadable, KeyServiceFailed before anything is done.
    """
    keys.require(environment.keys_folder(), NEEDED[plane])
    match plane:
        case Plane.SEND:
            with asyncio.Runner(loop_factory=quick_loop()) as runner:
                runner.run(_send())
        case Plane.CHORE:
            asyncio.run(_chores())
        case Plane.LEDGER:
            _ledger()


def from_environment() -> runtime.Runtime:
    """What the settings say, without Django. Raises NoDatabase."""
    home = environment.home()
    database_url = os.environ.get("SHODAKU_DATABASE_URL", "")
    if not database_url:
        raise NoDatabase(hint="SHODAKU_DATABASE_URL, or a running `shodaku up`")
    return runtime.Runtime(
        home=home,
        keys=environment.keys_folder(),
        public_url=os.environ.get("SHODAKU_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/"),
        database_url=database_url,
        vault_url=os.environ.get("SHODAKU_VAULT_URL", ""),
    )


def quick_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's, which saves a message 14 of 86 us, where a wheel of it is there; else Python's own."""
    try:
        import uvloop  # noqa: PLC0415 - there is none for every system
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _send() -> None:
    log.info("worker.code", kind=native.use())  # before the first of these files is imported
    from shodaku.delivery import worker  # noqa: PLC0415 - the chore plane does not need it

    here = from_environment()
    runtime.start(here)
    _look_for_copies(here)
    _collect_less()
    await worker.run(here, _stop_signal())


def _collect_less() -> None:
    """Nothing of a message is part of a cycle; to look for cycles after each 700 values costs it 4 us."""
    gc.freeze()
    gc.set_threshold(_VALUES_PER_COLLECTION)


def _look_for_copies(here: runtime.Runtime) -> None:
    """Before anything is sent, and without Django. Raises PlaceUnreadable, NoCopyPlace."""
    from shodaku.backups import second_copy  # noqa: PLC0415 - the other planes do not need it
    from shodaku.optout import copying  # noqa: PLC0415

    @contextmanager
    def opened() -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(here.database_url) as connection:
            yield connection

    second_copy.look(opened, here.home, copying.folders(copying.places()), clock.now())


def _ledger() -> None:
    from shodaku.ledger import worker  # noqa: PLC0415 - the other planes do not need it

    here = from_environment()
    runtime.start(here)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker.run(here.database_url, stop, clock.now)


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _chores() -> None:
    from shodaku.config import bind  # noqa: PLC0415 - Django is for this plane alone

    bind.start()
    stop = _stop_signal()
    url = runtime.current().database_url
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=4))
    ticks = periodic()
    for name, job in jobs().items():
        if name not in ticks:
            app.task(name=name, queue=Queue.CHORE.value, retry=RETRY)(_in_a_thread(job))
    for name, (cron, tick) in ticks.items():
        task = app.task(name=name, queue=Queue.CLOCK.value, queueing_lock=name)(_ticking(tick))
        app.periodic(cron=cron)(task)
    async with app.open_async():
        queues = [
            asyncio.create_task(
                app.run_worker_async(
                    queues=[queue.value],
                    name=f"chore.{queue.value}",
                    concurrency=lanes,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=STOP_SECONDS,
                    fetch_job_polling_interval=1.0,
                    delete_jobs="successful",
                )
            )
            for queue, lanes in ((Queue.CHORE, CHORE_LANES), (Queue.CLOCK, 1))
        ]
        rescue = asyncio.create_task(_rescue(app, set(jobs()) | set(ticks)))
        tending = asyncio.create_task(_tend())
        log.info("worker.started", plane="chore")
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait([stopped, *queues], return_when=asyncio.FIRST_COMPLETED)
        stopping.ask()  # a thread cannot be cancelled; whoever waits for something long in one looks here
        stopped.cancel()
        rescue.cancel()
        tending.cancel()
        for queue in queues:
            queue.cancel()
        for outcome in await asyncio.gather(*queues, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
    log.info("worker.stopped", plane="chore")


async def _rescue(app: procrastinate.App, names: Collection[str]) -> None:
    while True:
        try:
            await rescue(app, names)
        except (psycopg.Error, procrastinate.exceptions.ProcrastinateException) as error:
            log.info("worker.background_failed", error=type(error).__name__)
        await asyncio.sleep(RESCUE_SECONDS)


async def _tend() -> None:
    """The erasure journal, not as a job: it goes on while the database is away, or was just restored."""
    import django.db  # noqa: PLC0415 - Django is set up only now

    from shodaku.optout import jobs as optout  # noqa: PLC0415

    while True:
        try:
            await asyncio.to_thread(_with_fresh_connections, optout.tend, {})
        except (psycopg.Error, django.db.Error, ShodakuError, OSError) as error:
            log.info("journal.tending_failed", error=type(error).__name__)
        await asyncio.sleep(TEND_SECONDS)


async def rescue(app: procrastinate.App, names: Collection[str]) -> None:
    """Jobs whose worker died begin again: each of ours claims a state first, so twice is as good as once."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        if job.task_name in names:
            await _begin_again(app.job_manager, job)


async def _begin_again(manager: procrastinate.manager.JobManager, job: procrastinate.jobs.Job) -> None:
    """One that has a successor waiting ends here: the tick of the next minute does the same work, and a
    second one of its name cannot wait. The jobs behind it in the list are not held up by that.
    """
    try:
        await manager.retry_job(job)
        log.info("job.rescued", job=job.id, task=job.task_name)
    except procrastinate.exceptions.UniqueViolation:
        await manager.finish_job(job, procrastinate.jobs.Status.ABORTED, delete_job=True)
        log.info("job.replaced", job=job.id, task=job.task_name)


def jobs() -> dict[str, Callable[..., object]]:
    """What the rooms do in the background, by the names under which they defer it."""
    return {name: job for module in _job_modules() for name, job in getattr(module, "JOBS", {}).items()}


def periodic() -> dict[str, tuple[str, Callable[[], object]]]:
    """What happens by the clock: name -> (cron, function)."""
    found: dict[str, tuple[str, Callable[[], object]]] = {}
    for module in _job_modules():
        table: Mapping[str, tuple[str, Callable[[], object]]] = getattr(module, "PERIODIC", {})
        found |= table
    return found


def _job_modules() -> Iterator[Any]:  # Any: a room's module, known by its tables alone
    for room in ROOMS_WITH_JOBS:
        if importlib.util.find_spec(f"shodaku.{room}.jobs") is not None:
            yield importlib.import_module(f"shodaku.{room}.jobs")


def _in_a_thread(job: Callable[..., object]) -> Callable[..., Any]:
    async def run_job(**arguments: int | str) -> None:
        await asyncio.to_thread(_with_fresh_connections, job, arguments)

    return run_job


def _ticking(job: Callable[[], object]) -> Callable[..., Any]:
    async def run_tick(timestamp: int = 0) -> None:  # noqa: ARG001 - the moment it was due; every tick does all there is
        await asyncio.to_thread(_with_fresh_connections, partial(_in_time, job), {})

    return run_tick


def _in_time(tick: Callable[[], object]) -> None:
    """Ten years ahead everybody would be forgotten: a tick waits while nobody knows which clock is right."""
    ahead = two_clocks.apart()
    if two_clocks.agree(ahead):
        tick()
    else:
        log.info("clock.apart", seconds=round(ahead.total_seconds()))


def _with_fresh_connections(job: Callable[..., object], arguments: Mapping[str, int | str]) -> None:
    """A thread lives long: a connection that broke, or is too old, must not be met again by the next job."""
    from django.db import close_old_connections  # noqa: PLC0415 - Django is set up only now

    close_old_connections()
    try:
        job(**arguments)
    finally:
        close_old_connections()


def main() -> None:
    parser = argparse.ArgumentParser(prog="shodaku worker")
    parser.add_argument("--plane", type=Plane, choices=list(Plane), required=True)
    options = parser.parse_args()
    environment.load()
    run(options.plane)


if __name__ == "__main__":
    main()
