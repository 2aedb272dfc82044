"""F04: the web server is killed while people press. Whoever was answered is stopped."""

from __future__ import annotations

import http.client
import threading

from tests.optout.serving import a_server, a_token
from tests.people import a_reader, a_shop

from shodaku.suppression import selectors as suppressions

PEOPLE = 150
ANSWERED_BEFORE = 40
AT_ONCE = 10


def test_everybody_who_was_answered_before_the_kill_is_stopped(database):
    shop = a_shop()
    people = [a_reader(shop) for _ in range(PEOPLE)]
    left, answered, enough = list(people), [], threading.Event()

    def press_on(server):
        while left:
            person = left.pop()
            try:
                status, _, _ = server.press(a_token(shop, person))
            except (OSError, http.client.HTTPException):
                return
            if status == 200:
                answered.append(person)
            if len(answered) >= ANSWERED_BEFORE:
                enough.set()

    with a_server(database) as server:
        threads = [threading.Thread(target=press_on, args=[server]) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        assert enough.wait(60)
        server.kill()
        for thread in threads:
            thread.join()
    stopped = [person for person in people if suppressions.refusals(shop.workspace_id, person)]
    assert ANSWERED_BEFORE <= len(answered) < PEOPLE
    assert set(answered) <= set(stopped)
