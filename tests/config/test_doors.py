"""However many requests are under way, those who come to say no are let in."""

from __future__ import annotations

import asyncio

import pytest

from shodaku.config import doors, reserved
from shodaku.config.doors import NOS_MAX, REQUESTS_MAX, Doors


class House:
    """An application whose requests end when they are told to."""

    def __init__(self):
        self.inside, self.ends = [], asyncio.Event()

    async def __call__(self, scope, receive, send):
        self.inside.append((scope["path"], reserved._chosen.get()))
        await self.ends.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def come(door, path, count=1):
    statuses = []

    async def send(message):
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    tasks = [asyncio.ensure_future(door({"type": "http", "path": path}, None, send)) for _ in range(count)]
    await asyncio.sleep(0)
    return tasks, statuses


@pytest.mark.parametrize("path", ["/o/token", "/p/token", "/w/token"])
def test_with_the_house_full_of_others_whoever_says_no_is_let_in(path):
    async def crowd():
        house = House()
        door = Doors(house)
        others, _ = await come(door, "/console/", REQUESTS_MAX)
        sent_away, away = await come(door, "/f/shop/news")
        nos, said = await come(door, path)
        assert house.inside[-1] == (path, reserved.PAGES)
        house.ends.set()
        await asyncio.gather(*others, *sent_away, *nos)
        return away, said

    assert asyncio.run(crowd()) == ([503], [200])


def test_of_those_who_say_no_the_next_ones_wait_and_none_is_sent_away():
    async def crowd():
        house = House()
        door = Doors(house)
        nos, said = await come(door, "/o/token", NOS_MAX + 30)
        assert (len(house.inside), said) == (NOS_MAX, [])
        house.ends.set()
        await asyncio.gather(*nos)
        return said

    assert asyncio.run(crowd()) == [200] * (NOS_MAX + 30)


def test_a_place_that_was_left_is_free_again():
    async def crowd():
        house = House()
        door = Doors(house)
        house.ends.set()
        for _ in range(REQUESTS_MAX + 1):
            tasks, said = await come(door, "/console/")
            await asyncio.gather(*tasks)
        return said

    assert asyncio.run(crowd()) == [200]


def test_no_other_page_takes_the_connections_of_those_who_say_no():
    async def visit():
        house = House()
        house.ends.set()
        tasks, _ = await come(Doors(house), "/console/")
        await asyncio.gather(*tasks)
        return house.inside

    assert asyncio.run(visit()) == [("/console/", None)]
    assert set(doors.PATHS) == {"/o/", "/p/", "/w/"}
