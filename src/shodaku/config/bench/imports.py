"""How fast a list comes in: whole rows a second, what that is of a bare COPY, and what a worker holds."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median
from typing import Final

import psycopg
from psycopg import sql

from shodaku.config.bench import machine, sample
from shodaku.config.bench.sample import Shop
from shodaku.imports import running, selectors
from shodaku.imports.domain import Basis
from shodaku.imports.services import ImportOrder
from shodaku.kit import clock, db
from shodaku.kit.errors import ShodakuError
from shodaku.ledger import services as ledger

ROWS: Final = 1_000_000
ROUNDS: Final = 5
CONSENT_ROWS_MAX: Final = 100_000  # each is sealed, which is what the ledger's own bench measures
MERGE_ROWS_MAX: Final = 200_000
_HEAD: Final = "会社名,部署名,役職,姓,名,セイ,メイ,メールアドレス,携帯電話,名刺交換日\n"
_DOMAINS: Final = ("sample.example", "docomo.ne.jp", "mail.example", "ezweb.ne.jp")
_NAMES: Final = ("山田", "佐藤", "髙橋", "鈴木", "伊藤", "渡邊", "中村", "小林", "加藤", "吉田", "山﨑")
_GIVEN: Final = ("太郎", "花子", "一郎", "美咲", "健", "由美", "大輔")
# the same rows with the same indexes, and nothing that a row has to be asked about
_LIKE: Final = ("contact", "address", "address_claim", "basis", "import_row")


class NotWhole(ShodakuError):
    """Not every row of the list that was measured is there."""

    code = "bench_not_whole"


@dataclass(frozen=True, slots=True)
class _Round:
    seconds: float
    own_cpu: float
    postgres_cpu: float | None


def run(options: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Options: messages (rows of the long list), rounds, owner_url."""
    rows, rounds = int(str(options.get("messages", ROWS))), int(str(options.get("rounds", ROUNDS)))
    owner_url = str(options["owner_url"])
    yield _rows(owner_url, rows, Basis.CARD, "rows")
    yield _rows(owner_url, min(rows, CONSENT_ROWS_MAX), Basis.CONSENT, "rows with consents")
    yield _merge(owner_url, min(rows, MERGE_ROWS_MAX), rounds)
    yield _memory(owner_url, rows)


def _rows(owner_url: str, rows: int, basis: Basis, case: str) -> Mapping[str, object]:
    """From the file to the last commit, in this process and the database; read whole at the check before."""
    with _no_sealing():
        bare = _bring(sample.fill(owner_url, 1, clock.now()), rows, basis)
    sealed = _bring(sample.fill(owner_url, 1, clock.now()), rows, basis)
    cpu = {"worker_cpu_us": round(bare.own_cpu / rows * 1e6, 1)}
    if bare.postgres_cpu is not None:
        cpu["postgres_cpu_us"] = round(bare.postgres_cpu / rows * 1e6, 1)
    return machine.line(
        "import",
        case,
        "rows/s",
        [rows / bare.seconds],
        rows,
        with_sealing=round(rows / sealed.seconds),
        **cpu,
    )


def _merge(owner_url: str, rows: int, rounds: int) -> Mapping[str, object]:
    """The database's part alone, by its CPU: judged and merged, against COPY into the same indexes."""
    ratios, rates = [], []
    for _ in range(rounds):
        shop = sample.fill(owner_url, 1, clock.now())
        with _no_sealing():
            merged = _bring(shop, rows, Basis.CARD)
        copied = _copied(owner_url, shop)
        if merged.postgres_cpu is None or copied.postgres_cpu is None:
            ours, reference = merged.seconds, copied.seconds
        else:
            ours, reference = merged.postgres_cpu, copied.postgres_cpu
        ratios.append(reference / ours)
        rates.append(rows / ours)
    return machine.line(
        "import",
        "merge",
        "rows a CPU second",
        rates,
        rows,
        reference="COPY of clean rows into the same indexes",
        ratio=round(median(ratios), 3),
        ratios=[round(each, 3) for each in ratios],
    )


def _memory(owner_url: str, rows: int) -> Mapping[str, object]:
    """The largest that a process of its own became which did the whole import."""
    shop = sample.fill(owner_url, 1, clock.now())
    batch_id = _checked(shop, rows, Basis.CARD)
    _begin(shop, batch_id)
    program = "shodaku.config.bench.one_import"
    command = [sys.executable, "-m", program, str(shop.workspace_id), str(batch_id)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own
    _must(_state(shop, batch_id) == ("done", rows))
    return machine.line("import", "memory", "MiB", [float(done.stdout)], rows)


def _begin(shop: Shop, batch_id: int) -> None:
    """A job of it waits, and no worker is there: whoever measures does the work."""
    running.start(shop.workspace_id, batch_id, staff_id=None, now=clock.now(), at_once_bytes=0)


def _bring(shop: Shop, rows: int, basis: Basis) -> _Round:
    batch_id = _checked(shop, rows, basis)
    _begin(shop, batch_id)
    own, postgres, start = time.process_time(), machine.postgres_cpu_seconds(), time.perf_counter()
    running.run(shop.workspace_id, batch_id, now=clock.now())
    seconds, own = time.perf_counter() - start, time.process_time() - own
    after = machine.postgres_cpu_seconds()
    _must(_state(shop, batch_id) == ("done", rows))
    return _Round(seconds, own, None if postgres is None or after is None else after - postgres)


@contextmanager
def _no_sealing() -> Iterator[None]:
    """No key is made and no entry sealed: what they cost is the ledger's, and measured there."""
    numbers = count(10**12)
    kept = ledger.ensure_keys, ledger.append_many
    ledger.ensure_keys = lambda _workspace_id, _contact_ids: None  # type: ignore[assignment] # the rest stays
    ledger.append_many = lambda acts: [next(numbers) for _ in acts]
    try:
        yield
    finally:
        ledger.ensure_keys, ledger.append_many = kept


def _checked(shop: Shop, rows: int, basis: Basis) -> int:
    now = clock.now()
    order = ImportOrder(
        file_name="list.csv",
        basis=basis,
        evidence="東京ビッグサイトの展示会、名刺箱3",
        evidence_on=(now - timedelta(days=30)).date(),
        topic_id=shop.topic_id,
        confirmed=True,
        country="JP",
    )
    batch_id = running.hand_in(shop.workspace_id, _list(rows), "list.csv", staff_id=None, now=now)
    running.declare(shop.workspace_id, batch_id, order)
    running.ask_for_check(shop.workspace_id, batch_id)
    running.check(shop.workspace_id, batch_id, now=now)
    found = selectors.batch(shop.workspace_id, batch_id)
    _must(found is not None and found.state == "checked" and found.rows_total == rows)
    return batch_id


def _list(rows: int) -> Iterator[bytes]:
    """As a card scanner writes it; names repeat as they do, addresses never."""
    yield _HEAD.encode()
    for first in range(0, rows, 1_000):
        yield "".join(_line(n) for n in range(first, min(rows, first + 1_000))).encode()


def _line(n: int) -> str:
    family, given = _NAMES[n % len(_NAMES)], _GIVEN[n % len(_GIVEN)]
    return (
        f"株式会社見本{n % 9973},営業部,課長,{family},{given},ヤマダ,タロウ,"
        f"reader.{n * 7919 % 10_000_019}@{_DOMAINS[n % len(_DOMAINS)]},"
        f"090-{1000 + n // 10_000 % 9000:04}-{n % 10_000:04},"
        f"2026-{n % 10 + 1:02}-{n % 28 + 1:02}\n"
    )


def _copied(owner_url: str, shop: Shop) -> _Round:
    """The rows that were just brought in, by COPY into bare tables with the same indexes."""
    with tempfile.TemporaryDirectory() as folder, psycopg.connect(owner_url, autocommit=True) as owner:
        with owner.transaction():
            owner.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
            for table in _LIKE:
                _take_out(owner, table, Path(folder, table), shop.workspace_id)
        for table in _LIKE:
            owner.execute(sql.SQL("drop table if exists {}").format(_bare(table)))
            owner.execute(
                sql.SQL("create table {} (like {} including all)").format(_bare(table), sql.Identifier(table))
            )
        before, start = machine.postgres_cpu_seconds(), time.perf_counter()
        for table in _LIKE:
            _put_in(owner, table, Path(folder, table))
        seconds, after = time.perf_counter() - start, machine.postgres_cpu_seconds()
        for table in _LIKE:
            owner.execute(sql.SQL("drop table {}").format(_bare(table)))
    return _Round(seconds, 0.0, None if before is None or after is None else after - before)


def _take_out(
    owner: psycopg.Connection[tuple[object, ...]], table: str, path: Path, workspace_id: int
) -> None:
    """In no order: a list comes as it comes."""
    statement = sql.SQL(
        "copy (select * from {} where workspace_id = {} order by md5(ctid::text)) to stdout (format binary)"
    ).format(sql.Identifier(table), sql.Literal(workspace_id))
    with path.open("wb") as file, owner.cursor().copy(statement) as copy:
        for block in copy:
            file.write(block)


def _put_in(owner: psycopg.Connection[tuple[object, ...]], table: str, path: Path) -> None:
    statement = sql.SQL("copy {} from stdin (format binary)").format(_bare(table))
    with path.open("rb") as file, owner.cursor().copy(statement) as copy:
        while block := file.read(1 << 16):
            copy.write(block)


def _bare(table: str) -> sql.Identifier:
    return sql.Identifier(f"bench_{table}")


def _state(shop: Shop, batch_id: int) -> tuple[str, int]:
    found = selectors.batch(shop.workspace_id, batch_id)
    return ("", 0) if found is None else (found.state, found.rows_done)


def _must(holds: bool) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise NotWhole
