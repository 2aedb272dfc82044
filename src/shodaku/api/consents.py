"""Routes for the settings screen of the sender's own app: switches, what stands beside them, how they are.

Addresses are in bodies, never in URLs. The answers are the same whether somebody is known or not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated, Final, Literal

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Header, Router, Schema
from pydantic import ConfigDict, Field

from shodaku.accounts import selectors as accounts
from shodaku.api.calling import caller_with, invalid
from shodaku.api.domain import Scope
from shodaku.api.problems import Problem
from shodaku.api.schemas import ADDRESS_CHARACTERS_MAX
from shodaku.api.selectors import Caller
from shodaku.consent import selectors as consents
from shodaku.consent.domain import APP_CHARACTERS_MAX, AppScreen
from shodaku.consent.services import Once
from shodaku.contacts.domain import AddressError, Channel, EmailAddress, parse_email
from shodaku.kit import clock
from shodaku.optout import selectors as optout_known
from shodaku.optout import services as optout
from shodaku.policy.domain import explain
from shodaku.signup import services as signup

TOPICS_MAX: Final = 50
IDEMPOTENCY_CHARACTERS_MAX: Final = 200

router = Router()
wordings_router = Router()

_Name = Annotated[str, Field(min_length=1, max_length=APP_CHARACTERS_MAX)]
_Address = Annotated[str, Field(min_length=1, max_length=ADDRESS_CHARACTERS_MAX)]
_Slug = Annotated[str, Field(min_length=1, max_length=80)]
_Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=IDEMPOTENCY_CHARACTERS_MAX,
        pattern=r"^[!-~]+$",
        description="another one for each press, the same one when a press is sent again",
    ),
]


class SwitchBody(Schema):
    """A switch that somebody moved in your app, at this moment; send it again until it is answered."""

    model_config = ConfigDict(extra="forbid")

    address: _Address
    topics: Annotated[list[_Slug], Field(min_length=1, max_length=TOPICS_MAX)]  # short names
    wording: Annotated[int, Field(ge=1, le=2**31 - 1)]  # version of what stood beside the switch
    app: _Name
    app_version: _Name
    screen: _Name
    language: Literal["ja", "en"] = "ja"
    ip: Annotated[str, Field(max_length=45)] = ""  # of the person, where you know it


class StateBody(Schema):
    model_config = ConfigDict(extra="forbid")

    address: _Address


class WordingBody(Schema):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=5_000)]


class SwitchState(StrEnum):
    ON = "on"
    ASKED = "asked"  # a mail asks the owner of the address; off until they confirm
    OFF = "off"


class TopicAnswer(Schema):
    topic: str
    title: str
    state: SwitchState


class SwitchAnswer(Schema):
    """`topics` is for keys with `consents:read`."""

    accepted: Literal[True] = True
    at: datetime
    topics: list[TopicAnswer] | None = None


class WordingAnswer(Schema):
    version: int
    sha256: str
    text: str
    created_at: datetime


@router.post("/on", response=SwitchAnswer, summary="A switch was moved to on")
def switch_on(request: HttpRequest, body: SwitchBody, key: _Key) -> SwitchAnswer:
    """Agreed at once, or asked by mail where the topic or an earlier no demands it. A press counts once."""
    caller, now = caller_with(request, Scope.CONSENTS_WRITE), clock.now()
    told = signup.SwitchedOn(
        workspace_id=caller.workspace_id,
        address=_address(body.address),
        topic_ids=_topic_ids(caller, body.topics),
        wording_version=body.wording,
        screen=_screen(body),
        by=caller.name,
        language=body.language,
        ip=_ip(body),
    )
    signup.switch_on(told, _once(caller, "on", key, body), now)
    return _answer(caller, body.address, now)


@router.post("/off", response=SwitchAnswer, summary="A switch was moved to off")
def switch_off(request: HttpRequest, body: SwitchBody, key: _Key) -> SwitchAnswer:
    """It holds when this answers. A press that was obeyed and is sent again changes nothing more."""
    caller, now = caller_with(request, Scope.CONSENTS_WRITE), clock.now()
    topic_ids, screen, once = (
        _topic_ids(caller, body.topics, put_away_too=True),
        _screen_told(body),
        _once(caller, "off", key, body),
    )
    contact_id = optout.owner(caller.workspace_id, body.address)
    if contact_id is not None:
        told = optout.SwitchedOff(
            workspace_id=caller.workspace_id,
            contact_id=contact_id,
            topic_ids=topic_ids,
            screen=screen,
            wording_version=body.wording,
            by=caller.name,
            ip=body.ip if _is_ip(body.ip) else "",
        )
        optout.switch_off(told, once, now)
    return _answer(caller, body.address, now)


@router.post("/state", response=list[TopicAnswer], summary="How the switches are now")
def state(request: HttpRequest, body: StateBody) -> list[TopicAnswer]:
    """Every topic that is offered. Somebody unknown has every switch off."""
    caller = caller_with(request, Scope.CONSENTS_READ)
    return _states(caller, body.address, clock.now())


@wordings_router.post("", response=WordingAnswer, summary="What a screen of your app says")
def keep_wording(request: HttpRequest, body: WordingBody) -> WordingAnswer:
    """Before it is shown to anybody. The same words again are the same version."""
    caller = caller_with(request, Scope.CONSENTS_WRITE)
    try:
        kept = signup.keep_app_wording(caller.workspace_id, body.text, now=clock.now())
    except signup.UnfitWording as fault:
        english = get_language() == "en"
        told = [explain(each) for each in fault.reasons]
        raise invalid("text", " ".join(each.en if english else each.ja for each in told)) from fault
    return _wording(kept)


@wordings_router.get("", response=list[WordingAnswer], summary="What screens of your apps said and say")
def wordings(request: HttpRequest) -> list[WordingAnswer]:
    caller = caller_with(request, Scope.CONSENTS_WRITE)
    return [_wording(each) for each in signup.app_wordings(caller.workspace_id)]


def _address(text: str) -> EmailAddress:
    """Raises Problem."""
    try:
        return parse_email(text)
    except AddressError as fault:
        raise invalid("address", _("Give an e-mail address, such as taro@mail.example.")) from fault


def _topic_ids(caller: Caller, slugs: Sequence[str], *, put_away_too: bool = False) -> tuple[int, ...]:
    """A no is taken for what is not offered any more too. Raises Problem."""
    known = {
        each.slug: each.topic_id
        for each in consents.topics(caller.workspace_id)
        if put_away_too or each.archived_at is None
    }
    if not set(slugs) <= known.keys():
        raise invalid("topics", _("There is no such topic: %(known)s.") % {"known": ", ".join(known)})
    return tuple(dict.fromkeys(known[each] for each in slugs))


def _screen(body: SwitchBody) -> AppScreen:
    """Raises Problem."""
    try:
        return AppScreen(app=body.app, version=body.app_version, screen=body.screen)
    except ValueError as fault:
        sentence = _("App, version and screen have 1 to 100 characters, no control characters and no “=?”.")
        raise invalid("app", sentence) from fault


def _ip(body: SwitchBody) -> str:
    """As it stands in evidence, or nothing. Raises Problem."""
    if body.ip and not _is_ip(body.ip):
        raise invalid("ip", _("Give the IP address as 192.0.2.7 or 2001:db8::7, or leave it out."))
    return body.ip


def _is_ip(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def _screen_told(body: SwitchBody) -> AppScreen | None:
    """Of a no, which is obeyed whatever its program calls itself."""
    try:
        return _screen(body)
    except Problem:
        return None


def _once(caller: Caller, act: str, key: str, body: SwitchBody) -> Once:
    of_key = hashlib.sha256(f"{caller.key_id}\0{act}\0{key}".encode()).digest()
    return Once(of_key, hashlib.sha256(body.model_dump_json().encode()).digest())


def _answer(caller: Caller, address: str, now: datetime) -> SwitchAnswer:
    reads = Scope.CONSENTS_READ in caller.scopes
    return SwitchAnswer(at=now, topics=_states(caller, address, now) if reads else None)


def _states(caller: Caller, address: str, now: datetime) -> list[TopicAnswer]:
    contact_id = optout.owner(caller.workspace_id, address)
    language = get_language() or _language(caller.workspace_id)
    if contact_id is None:
        return [
            TopicAnswer(topic=each.slug, title=each.title(language), state=SwitchState.OFF)
            for each in consents.topics(caller.workspace_id)
            if each.archived_at is None
        ]
    return [
        TopicAnswer(
            topic=each.topic.slug,
            title=each.topic.title(language),
            state=SwitchState.ON
            if Channel.EMAIL in each.channels
            else SwitchState.ASKED
            if each.waiting
            else SwitchState.OFF,
        )
        for each in optout_known.topic_states(caller.workspace_id, contact_id, now)
    ]


def _language(workspace_id: int) -> str:
    workspace = accounts.workspace(workspace_id)
    return workspace.locale if workspace else "ja"


def _wording(kept: consents.Wording) -> WordingAnswer:
    return WordingAnswer(version=kept.version, sha256=kept.sha256, text=kept.text, created_at=kept.created_at)
