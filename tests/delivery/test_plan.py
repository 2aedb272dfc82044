"""The gate's plans hold nothing but index look-ups per person, on a database with 20,000 people."""

import asyncio
import re

import psycopg
import pytest
from tests.delivery.mailings import (
    a_shop_after_the_last_analysis,
    analyse,
    launched,
    many_readers,
    now,
    refuse,
)
from tests.people import a_shop

from shodaku.delivery import selectors, store
from shodaku.delivery.facts import facts_parameters
from shodaku.kit import db

PEOPLE = 20_000
FORBIDDEN = ("Seq Scan", "hashed SubPlan", "Hash Join", "Merge Join", "Hash Anti", "Hash Semi")


@pytest.fixture(scope="module")
def filled(database):
    shop = a_shop()
    people = many_readers(database, shop, PEOPLE)
    launched(shop, people[:10])
    with psycopg.connect(database.application) as connection:
        connection.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        connection.execute(
            """insert into suppression (workspace_id, token, strength, norm, pepper_epoch, reason, at)
               select %s, sha256(('gone' || g)::bytea), 'strict', 1, 1, 'refused', now()
               from generate_series(1, 5000) g""",
            [shop.workspace_id],
        )
    refuse(database, shop, people[:3_000])
    analyse(database)
    return shop, people


def plan_of(database, shop, name, values):
    async def explain():
        connection = await store.connect(database.application)
        try:
            async with store.transaction(connection, shop.workspace_id):
                statement = "explain (analyze, timing off) " + db.sql("shodaku.delivery", name)
                cursor = await connection.execute(statement, {"workspace_id": shop.workspace_id, **values})
                return "\n".join(row[0] for row in await cursor.fetchall())
        finally:
            await connection.close()

    return asyncio.run(explain())


@pytest.mark.parametrize("name", ["lock_contacts", "read_facts"])
def test_the_gate_looks_up_and_never_scans(database, filled, name):
    shop, people = filled
    question = selectors.question_of_topic(shop.workspace_id, shop.topic_id)
    values = {**facts_parameters(question, now(), 12), "contact_ids": store.array(people[2750:3250])}
    plan = plan_of(database, shop, name, values)
    assert [word for word in FORBIDDEN if word in plan] == [], plan
    biggest = max(float(part.split()[0]) for part in plan.split("(actual rows=")[1:])
    assert biggest <= 500, plan


def test_right_after_an_import_without_statistics_it_looks_up_as_well(database):
    """To the planner a workspace that came after the last analysis has nobody, and a scan of it costs
    nothing: every index that begins with the workspace looks as good as the one by person.
    """
    shop, people = a_shop_after_the_last_analysis(database, 3_000, refusing=2_000)
    question = selectors.question_of_topic(shop.workspace_id, shop.topic_id)
    values = {**facts_parameters(question, now(), 12), "contact_ids": store.array(people[:500])}
    plan = plan_of(database, shop, "read_facts", values)
    removed = [int(line.split()[-1]) for line in plan.splitlines() if "Rows Removed" in line]
    assert max(removed, default=0) <= 500, plan
    blocks = re.search(r"shared hit=(\d+)", plan)
    assert blocks is None or int(blocks[1]) < 500 * 40, plan
