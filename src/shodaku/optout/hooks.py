"""The doors of providers: `POST /hooks/mail/<workspace>/<secret>`, `/hooks/sms/…`; 200 when all is committed.

The secret says which provider knocks, so none can pass as another that signs less. A bounce acts by a token
of ours alone; a complaint or an unsubscription also by the address: whoever is believed wrongly there makes
us silent, and nothing else.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, assert_never

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils.decorators import method_decorator
from django.utils.html import escape
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from shodaku.accounts import selectors as accounts
from shodaku.consent.domain import Method
from shodaku.delivery import selectors as delivery_known
from shodaku.delivery import services as delivery
from shodaku.kit import clock, log, runtime
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.kit.keys import write_secret
from shodaku.kit.links import Token
from shodaku.kit.ui.csp import public_page
from shodaku.optout.domain import Heard
from shodaku.optout.hurry import AWAY
from shodaku.optout.provider_webhooks import (
    ADAPTERS,
    Adapter,
    Channel,
    Checked,
    EventKind,
    Posted,
    ProviderEvent,
    Unreadable,
)
from shodaku.optout.receiving import bounced, complained, hear_sms, stop_for, stop_named
from shodaku.optout.whose import token_of

MAIL_BODY_BYTES_MAX: Final = 1_048_576  # a provider sends many reports in one (BOUNCES.md section 7)
SMS_BODY_BYTES_MAX: Final = 65_536  # SMS.md section 4
SECRET_BYTES: Final = 24
UNKNOWN: Final = "unknown"
_NOT_A_NAME: Final = re.compile(r"[^A-Za-z_ -]")  # nothing of anybody is counted


class NoSuchProvider(WrongUse):
    """No adapter has this name."""

    code = "no_such_provider"


class NoProviderKey(WrongUse):
    """The provider signs what it sends: its key is needed, as its settings show it."""

    code = "no_provider_key"


class NoHook(ShodakuError):
    """The provider has no door here."""

    code = "no_hook"


@dataclass(frozen=True, slots=True)
class _Hook:
    provider: str
    secret: str
    key: str


def open_hook(workspace_id: int, provider: str, key: str) -> str:
    """The path of its door, with a new secret: the one before opens nothing any more.

    Raises NoSuchProvider, NoProviderKey.
    """
    adapter = ADAPTERS.get(provider)
    if adapter is None:
        raise NoSuchProvider(hint=", ".join(ADAPTERS))
    if adapter.keyed and not (key and adapter.key_is_usable(key)):
        raise NoProviderKey(hint=provider)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    file = _file(workspace_id, provider)
    file.unlink(missing_ok=True)
    write_secret(file, json.dumps({"secret": secret, "key": key}).encode())
    return secret


def close_hook(workspace_id: int, provider: str) -> None:
    """Raises NoSuchProvider, NoHook."""
    if provider not in ADAPTERS:
        raise NoSuchProvider(hint=", ".join(ADAPTERS))
    try:
        _file(workspace_id, provider).unlink()
    except FileNotFoundError:
        raise NoHook(hint=provider) from None


def hooks(workspace_id: int) -> list[str]:
    """Which providers have a door."""
    return [provider for provider in ADAPTERS if _file(workspace_id, provider).is_file()]


@method_decorator(
    csrf_exempt, name="dispatch"
)  # a provider has no cookie; secret and signature are its right
class HookView(View):
    http_method_names = ("post",)
    channel = Channel.MAIL
    body_bytes_max = MAIL_BODY_BYTES_MAX

    def post(self, request: HttpRequest, slug: str, secret: str) -> HttpResponse:
        workspace = accounts.workspace_by_slug(slug)
        hook = _opened(workspace.workspace_id, self.channel, secret) if workspace else None
        if workspace is None or hook is None:
            return _answer(404)  # the same for no workspace, no door and a wrong secret
        try:
            body = request.body
        except RequestDataTooBig:
            return _answer(413)
        except UnreadablePostError:
            return _answer(400)
        if len(body) > self.body_bytes_max:
            return _answer(413)
        return _taken(workspace.workspace_id, hook, ADAPTERS[hook.provider], request)


class MailHookView(HookView):
    pass


class SmsHookView(HookView):
    channel = Channel.SMS
    body_bytes_max = SMS_BODY_BYTES_MAX


def _taken(workspace_id: int, hook: _Hook, adapter: Adapter, request: HttpRequest) -> HttpResponse:
    now, posted = clock.now(), _posted(request)
    checked = adapter.check(posted, hook.key, now)
    if checked is not Checked.TRUE:
        log.info("optout.hook_refused", workspace=workspace_id, provider=hook.provider, why=checked.value)
        return _answer(403)
    try:
        events = adapter.read(posted)
    except Unreadable:
        log.info("optout.hook_refused", workspace=workspace_id, provider=hook.provider, why="unreadable")
        return _answer(400)
    try:
        replies = [apply_event(workspace_id, hook.provider, event, now) for event in events]
    except AWAY as fault:  # providers send again what is not answered with 200
        log.info("optout.database_away", error=type(fault).__name__)
        return _answer(503)
    return _replied(hook.provider, next(filter(None, replies), ""))


def apply_event(workspace_id: int, provider: str, event: ProviderEvent, now: datetime) -> str:
    """What one report asks for, once; the text that answers a text message, if any."""
    if delivery_known.event_seen(workspace_id, event.event_id):
        return ""
    heard, reply = _act(workspace_id, provider, event, now)
    name = UNKNOWN if event.kind is EventKind.UNKNOWN else _NOT_A_NAME.sub("", event.name)
    delivery.count_event(workspace_id, provider, name, now=now)
    delivery.note_event(workspace_id, event.event_id, now=now)
    log.info(
        "optout.hook", workspace=workspace_id, provider=provider, kind=event.kind.value, heard=heard.value
    )
    return reply


def _act(workspace_id: int, provider: str, event: ProviderEvent, now: datetime) -> tuple[Heard, str]:
    token = token_of(workspace_id, event.traces)
    match event.kind:
        case EventKind.BOUNCE:
            return (bounced(workspace_id, token, event.failure, now) if token else Heard.NOBODY), ""
        case EventKind.COMPLAINT if token is not None:
            return complained(workspace_id, token, "abuse", now), ""
        case EventKind.COMPLAINT | EventKind.REFUSAL:
            via = Method.COMPLAINT if event.kind is EventKind.COMPLAINT else Method.API
            return _stop(workspace_id, provider, token, event, via, now), ""
        case EventKind.TEXT:
            if not event.address:
                return Heard.NOBODY, ""
            answered = hear_sms(workspace_id, event.address, event.text, now)
            return answered.heard, answered.reply or ""
        case EventKind.NOTED | EventKind.UNKNOWN:
            return Heard.NOTED, ""
        case unreachable:
            assert_never(unreachable)


def _stop(
    workspace_id: int, provider: str, token: Token | None, event: ProviderEvent, via: Method, now: datetime
) -> Heard:
    if token is not None:
        return stop_named(workspace_id, token, via, by=provider, now=now)
    if not event.address:
        return Heard.NOBODY
    stop_for(workspace_id, event.address, via, by=provider, now=now, proved=False)
    return Heard.STOPPED


def _posted(request: HttpRequest) -> Posted:
    form: dict[str, str] = {}
    with suppress(TooManyFieldsSent, UnicodeError, ValueError):
        form = request.POST.dict()
    return Posted(
        body=request.body,
        url=runtime.current().public_url + request.get_full_path(),
        headers={name.lower(): value for name, value in request.headers.items()},
        form=form,
    )


def _replied(provider: str, reply: str) -> HttpResponse:
    """Twilio reads its own markup; others the text itself."""
    if provider == "twilio":
        message = f"<Message>{escape(reply)}</Message>" if reply else ""
        markup = f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>'
        return _answer(200, markup, "text/xml")
    return _answer(200, reply)


def _opened(workspace_id: int, channel: Channel, secret: str) -> _Hook | None:
    found = None
    for provider, adapter in ADAPTERS.items():
        hook = _hook(workspace_id, provider) if adapter.channel is channel else None
        if hook is not None and hmac.compare_digest(hook.secret.encode(), secret.encode()):
            found = hook
    return found


def _hook(workspace_id: int, provider: str) -> _Hook | None:
    try:
        said = json.loads(_file(workspace_id, provider).read_bytes())
        return _Hook(provider, said["secret"], said["key"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _file(workspace_id: int, provider: str) -> Path:
    return runtime.current().keys / f"hook.{workspace_id}.{provider}"


def _answer(status: int, text: str = "", kind: str = "text/plain") -> HttpResponse:
    return public_page(HttpResponse(text, status=status, content_type=f"{kind}; charset=utf-8"))
