"""The routes under /api/v1. A no needs an address and nothing else; nothing here says yes for anybody."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import psycopg
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from shodaku.accounts import selectors as accounts
from shodaku.api import consents as switches
from shodaku.api import coupons, problems, purchases, reports, segments, selectors, services
from shodaku.api.calling import caller_with, invalid
from shodaku.api.domain import Meter, Scope, basic, bearer, read_key
from shodaku.api.problems import Problem
from shodaku.api.schemas import Done, OptOutBody, Stop, SuppressionsBody, Taken
from shodaku.api.selectors import Caller
from shodaku.consent import selectors as consents
from shodaku.consent.domain import Method
from shodaku.contacts.services import ContactGone
from shodaku.kit import clock
from shodaku.kit.errors import OutOfReach, ShodakuError
from shodaku.optout import services as optout
from shodaku.optout.domain import PAUSE_DAYS_MAX, Choice, OptOut, OptOutScope

_meter: Final = Meter()


def authenticate(request: HttpRequest) -> Caller:
    """Raises Problem: no live key, or too many calls with it."""
    header = request.headers.get("Authorization", "")
    shown = read_key(bearer(header) or basic(header))
    now = clock.now()
    caller = selectors.caller(shown, request.META.get("REMOTE_ADDR", ""), now) if shown else None
    if caller is None:
        raise problems.no_key()
    wait = _meter.seconds_to_wait((caller.workspace_id, caller.key_id), time.monotonic())
    if wait:
        raise problems.too_many(wait)
    if not caller.used_today:
        services.touch(caller.workspace_id, caller.key_id, now)
    return caller


api = NinjaAPI(
    title="Shodaku",
    version="1",
    description="Every message carries the consent that allows it.",
    docs_url=None,  # its page needs inline scripts, which our policy refuses; openapi.json is served
    auth=authenticate,
    urls_namespace="api",
)


api.add_router("/segments", segments.router)
api.add_router("/products", purchases.products_router)
api.add_router("/purchases", purchases.router)
api.add_router("/coupon-uses", coupons.router)
api.add_router("/campaigns", reports.router)
api.add_router("/consents", switches.router)
api.add_router("/app-wordings", switches.wordings_router)


@api.post("/opt-outs", response=Done, summary="Write down a person's no")
def opt_outs(request: HttpRequest, body: OptOutBody) -> Done:
    """It holds when this answers. Repeating it changes nothing."""
    caller = caller_with(request, Scope.SUPPRESS_WRITE)
    now = clock.now()
    choice = _choice(caller.workspace_id, body, now)
    receipt = _stop(caller, body, choice, now)
    return Done(at=now, receipt=receipt if Scope.CONTACTS_READ in caller.scopes else None)


@api.post("/suppressions", response=Taken, summary="Addresses that nobody may write to")
def suppressions(request: HttpRequest, body: SuppressionsBody) -> Taken:
    """Each holds when this answers, whoever it belongs to, now or ever."""
    caller = caller_with(request, Scope.SUPPRESS_WRITE)
    now = clock.now()
    for address in body.addresses:
        _suppress(caller, address, now)
    return Taken(taken=len(body.addresses))


def _stop(caller: Caller, body: OptOutBody, choice: Choice, now: datetime) -> str | None:
    """Whose it is: obeyed. Nobody's: an ending of everything keeps the address out for ever."""
    contact_id = optout.owner(caller.workspace_id, body.address)
    if contact_id is not None:
        request = OptOut(
            workspace_id=caller.workspace_id,
            contact_id=contact_id,
            scope=choice.scope,
            topic_id=choice.topic_id,
            until=choice.until,
            via=Method.API,
            by=caller.name,
            said=body.said,
            received_by=body.received_by,
            received_at=min(body.received_at, now) if body.received_at else None,
        )
        try:
            return optout.opt_out(request, now).number
        except ContactGone:  # erased since they were looked up
            pass
    if choice.scope in (OptOutScope.ALL, OptOutScope.ERASE):
        _suppress(caller, body.address, now)
    return None


def _suppress(caller: Caller, address: str, now: datetime) -> None:
    channel, bare = optout.parsed(address)
    optout.suppress_address(caller.workspace_id, channel, bare, caller.name, now)


def _choice(workspace_id: int, body: OptOutBody, now: datetime) -> Choice:
    """Raises Problem where scope, topic and end do not go together."""
    if body.received_at is not None and body.received_at.utcoffset() is None:
        raise invalid("received_at", _("Give the time with its offset: 2026-11-22T09:41:00+09:00."))
    if (body.topic is not None) != (body.scope is Stop.TOPIC):
        raise invalid("topic", _("A topic belongs to the scope “topic”, and only there."))
    if (body.until is not None) != (body.scope is Stop.UNTIL):
        raise invalid("until", _("A day belongs to the scope “until”, and only there."))
    if body.topic is not None:
        topics = {topic.slug: topic.topic_id for topic in consents.topics(workspace_id)}
        if body.topic not in topics:
            raise invalid("topic", _("There is no such topic: %(known)s.") % {"known": ", ".join(topics)})
        return Choice(OptOutScope.TOPIC, topic_id=topics[body.topic])
    if body.until is not None:
        return Choice(OptOutScope.UNTIL, until=_end(workspace_id, body, now))
    return Choice(OptOutScope(body.scope.value))


def _end(workspace_id: int, body: OptOutBody, now: datetime) -> datetime:
    """Midnight where the workspace is, so that two calls for one day are one pause."""
    workspace = accounts.workspace(workspace_id)
    zone = ZoneInfo(workspace.timezone if workspace else "Asia/Tokyo")
    assert body.until is not None  # noqa: S101 - asked by the caller
    end = datetime(body.until.year, body.until.month, body.until.day, tzinfo=zone)
    if not now < end <= now + timedelta(days=PAUSE_DAYS_MAX):
        days = {"days": PAUSE_DAYS_MAX}
        raise invalid("until", _("A pause ends after today and within %(days)s days.") % days)
    return end


@api.exception_handler(Problem)
def _on_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problems.answer(request, problem)


@api.exception_handler(AuthenticationError)
def _on_no_key(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    return problems.answer(request, problems.no_key())


@api.exception_handler(ShodakuError)
def _on_error(request: HttpRequest, error: ShodakuError) -> HttpResponse:
    return problems.answer(request, problems.of_error(error))


@api.exception_handler(DatabaseError)
def _on_database(request: HttpRequest, _error: DatabaseError) -> HttpResponse:
    return problems.answer(request, problems.of_error(OutOfReach()))


@api.exception_handler(psycopg.OperationalError)
def _on_driver(request: HttpRequest, _error: psycopg.OperationalError) -> HttpResponse:
    return problems.answer(request, problems.of_error(OutOfReach()))


@api.exception_handler(ValidationError)
def _on_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Places and kinds of faults; never what stood there."""
    return problems.answer(request, problems.invalid([_fault(each) for each in error.errors]))


@api.exception_handler(HttpError)
def _on_http(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Ninja's own: a body that is no JSON."""
    if error.status_code == 400:  # noqa: PLR2004 - the status of the standard
        sentence = _("The body is no JSON; nothing was changed.")
        return problems.answer(request, Problem(400, "no_json", sentence))
    return problems.answer(request, Problem(error.status_code, "refused", str(error)))


def _fault(error: dict[str, Any]) -> dict[str, str]:  # Any: as pydantic has it
    place = ".".join(str(each) for each in error.get("loc", ())[2:]) or "body"
    return {"field": place, "detail": str(error.get("msg", ""))}
