"""How long the server takes for the page of a sign-up form, beside a million contacts."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from django.test import Client

from shodaku.accounts import selectors as accounts
from shodaku.config.bench import machine, sample
from shodaku.config.bench.sample import Shop
from shodaku.kit import clock, runtime
from shodaku.kit.errors import ShodakuError
from shodaku.signup import services
from shodaku.signup.domain import FormDefinition, NewForm

CONTACTS: Final = 1_000_000
REQUESTS: Final = 400
_WARM: Final = 20  # templates, words and connections, which a running server has
_SLUG: Final = "join"
_OK: Final = 200


class NoPage(ShodakuError):
    """The form that is measured did not answer."""

    code = "bench_no_page"


def run(options: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Options: messages (contacts), rounds (requests), owner_url."""
    contacts, requests = (
        int(str(options.get("messages", CONTACTS))),
        int(str(options.get("rounds", REQUESTS))),
    )
    shop = sample.fill(str(options["owner_url"]), contacts, clock.now())
    yield line(signup_form_page(shop, requests), contacts)


def line(seconds: Sequence[float], contacts: int) -> Mapping[str, object]:
    """The value is the time that 95 of 100 requests do not exceed."""
    ordered = sorted(seconds)
    p95 = ordered[len(ordered) * 95 // 100]
    median = ordered[len(ordered) // 2]
    return machine.line(
        "form",
        "signup form page",
        "ms, p95",
        [p95 * 1000],
        contacts,
        median_ms=round(median * 1000, 2),
        requests=len(ordered),
    )


def signup_form_page(shop: Shop, requests: int = REQUESTS) -> list[float]:
    """Seconds of each request for the page, in Japanese and English in turn, from the first middleware on.

    A published form is made first. Raises NoPage.
    """
    _publish(shop)
    workspace = accounts.workspace(shop.workspace_id)
    host = urlsplit(runtime.current().public_url).hostname or "localhost"
    client, taken = Client(SERVER_NAME=host), []
    for number in range(_WARM + requests):
        path = f"/f/{workspace.slug if workspace else ''}/{_SLUG}?lang={('ja', 'en')[number % 2]}"
        before = time.perf_counter()
        answer = client.get(path)
        if answer.status_code != _OK or b'name="stamp"' not in answer.content:
            raise NoPage
        taken.append(time.perf_counter() - before)
    return taken[_WARM:]


def _publish(shop: Shop) -> None:
    now = clock.now()
    form = NewForm(slug=_SLUG, name="計測", sender_id=shop.sender_id)
    form_id = services.create_form(shop.workspace_id, form, now)
    definition = FormDefinition(
        title="計測のお便り", title_en="Mail of a measurement", topic_ids=(shop.topic_id,)
    )
    services.publish(shop.workspace_id, form_id, definition, None, now)
