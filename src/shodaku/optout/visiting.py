"""Whose page it is. The link is the capability: no cookie, no login, and nothing in the database names it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from shodaku.consent.domain import Method
from shodaku.kit import clock, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token, url_form
from shodaku.optout import selectors
from shodaku.optout.domain import Choice, OptOut
from shodaku.optout.selectors import Person
from shodaku.optout.stopping import read_token

BROWSER_CHARS_MAX: Final = 300
_NOBODY: Final = Token(0, 0, 0, Purpose.NOTICE)


def visitor(text: str, *purposes: Purpose) -> tuple[Token, Person] | None:
    """The link and whose it is; None for a forged one, and for a person who was erased.

    A forged link is looked up like any other, so that no clock tells it from an erased person's.
    """
    link = read_token(text, *purposes)
    person = selectors.person(link or _NOBODY)
    return None if link is None or person is None else (link, person)


def no_of(request: HttpRequest, link: Token, choice: Choice, via: Method, said: str = "") -> OptOut:
    seen = seen_of(request)
    return OptOut(
        workspace_id=link.workspace_id,
        contact_id=link.contact_id,
        scope=choice.scope,
        topic_id=choice.topic_id,
        until=choice.until,
        channel=choice.channel,
        most=choice.most,
        via=via,
        mailing_id=link.subject_id or None,
        said=said,
        url=seen["url"],
        ip=seen["ip"],
        browser=seen["browser"],
    )


def posted(request: HttpRequest) -> Mapping[str, str]:
    """A body that cannot be read is a press without a choice: it stops everything."""
    try:
        return request.POST.dict()
    except Exception:  # noqa: BLE001 - too large, cut off, of no known charset: whatever it was, it was a press
        return {}


def seen_of(request: HttpRequest) -> dict[str, str]:
    """The URL without its token: a token is a capability, and evidence is shown to others."""
    _empty, page, _token, *rest = request.path.split("/")
    page = "/" + "/".join((page, *rest))
    return {
        "url": runtime.current().public_url + page,
        "ip": request.META.get("REMOTE_ADDR", ""),
        "browser": request.headers.get("User-Agent", "")[:BROWSER_CHARS_MAX],
    }


def local_time(person: Person) -> datetime:
    """On the clock of the workspace, on which a pause ends."""
    return clock.now().astimezone(ZoneInfo(person.workspace.timezone))


def preferences_path(workspace_id: int, contact_id: int) -> str:
    return f"/p/{_token(workspace_id, contact_id, Purpose.PREFERENCE)}"


def stop_path(workspace_id: int, contact_id: int) -> str:
    return f"/o/{_token(workspace_id, contact_id, Purpose.NOTICE)}"


def _token(workspace_id: int, contact_id: int, purpose: Purpose) -> str:
    keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    return url_form(keys.make(Token(workspace_id, 0, contact_id, purpose)))
