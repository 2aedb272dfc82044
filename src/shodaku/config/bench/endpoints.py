"""How many links are followed and pixels fetched in a second, by one web process, each written down.

The visitors are a process of their own on the same machine: with two cores they take one of them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

from shodaku.config.bench import machine, sample
from shodaku.kit import clock, db, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, url_form

REQUESTS: Final = 40_000  # of a round, each of somebody else
ROUNDS: Final = 5
WRITTEN_SECONDS_MAX: Final = 60.0
_PATHS: Final = {"click": "/c/{token}/{link}", "pixel": "/p/{token}.gif?{link}"}


@dataclass(slots=True)
class _Rounds:
    rates: list[float] = field(default_factory=list)
    server_us: list[float] = field(default_factory=list)
    postgres_us: list[float] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)  # p99
    answers: dict[str, int] = field(default_factory=dict)


def run(options: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Options: messages (requests of a round), rounds, owner_url."""
    requests = int(str(options.get("messages", REQUESTS)))
    rounds = int(str(options.get("rounds", ROUNDS)))
    shop = sample.fill(str(options["owner_url"]), requests, clock.now())
    port = machine.free_port()
    with machine.web_server(port) as server:
        for case in _PATHS:
            yield _case(shop, case, server.pid, port, requests, rounds)


def _case(
    shop: sample.Shop, case: str, server: int, port: int, requests: int, rounds: int
) -> Mapping[str, object]:
    """Each round is of a mailing of its own, so that nobody follows the same link twice in a minute."""
    found = _Rounds()
    written = 0
    for _ in range(rounds):
        mailing_id = sample.launch(shop, clock.now()).mailing_id
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "paths"
            file.write_text("\n".join(_paths(shop, mailing_id, case)), encoding="ascii")
            _round(found, server, port, file, requests)
        written += _written(shop, mailing_id, requests)
    return machine.line(
        "endpoints",
        case,
        "requests/s",
        found.rates,
        requests,
        answers=found.answers,
        written=written,
        p99_ms=round(median(found.milliseconds), 2),
        server_cpu_us=round(median(found.server_us), 1),
        postgres_cpu_us=round(median(found.postgres_us), 1) if found.postgres_us else None,
        rss_mib=machine.resident_mib(server),
    )


def _paths(shop: sample.Shop, mailing_id: int, case: str) -> Iterator[str]:
    keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    make = keys.maker(shop.workspace_id, mailing_id, Purpose.DELIVERY)
    with db.transaction(shop.workspace_id) as connection:
        rows = connection.execute(
            "select contact_id from contact where workspace_id = %s order by contact_id", [shop.workspace_id]
        ).fetchall()
    links = len(sample.newsletter(shop).links)
    for place, (contact_id,) in enumerate(rows):
        yield _PATHS[case].format(token=url_form(make(contact_id)), link=place % links)


def _round(found: _Rounds, server: int, port: int, file: Path, requests: int) -> None:
    cpu, postgres = machine.cpu_seconds(server), machine.postgres_cpu_seconds()
    command = [sys.executable, "-m", "shodaku.config.bench.visitors", str(port), str(file)]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)  # noqa: S603 - our own
    time.sleep(2.0)  # what came last is still being written, and belongs to it
    found.rates.append(requests / said["seconds"])
    found.server_us.append((machine.cpu_seconds(server) - cpu) / requests * 1e6)
    after = machine.postgres_cpu_seconds()
    if postgres is not None and after is not None:
        found.postgres_us.append((after - postgres) / requests * 1e6)
    found.milliseconds.append(said["p99_ms"])
    for status, count in said["answers"].items():
        found.answers[status] = found.answers.get(status, 0) + count


def _written(shop: sample.Shop, mailing_id: int, expected: int) -> int:
    """Rows, once all are there or no more come."""
    until = time.monotonic() + WRITTEN_SECONDS_MAX
    rows = -1
    while time.monotonic() < until:
        with db.transaction(shop.workspace_id) as connection:
            row = connection.execute(
                "select count(*) from hit where workspace_id = %s and mailing_id = %s",
                [shop.workspace_id, mailing_id],
            ).fetchone()
        before, rows = rows, int(row[0]) if row else 0
        if rows >= expected or rows == before:
            break
        time.sleep(2.0)
    return rows
