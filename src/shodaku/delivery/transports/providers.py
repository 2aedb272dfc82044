"""What is said to the programs of mail providers, and what their answers mean. Pure: no connection, no clock.

A provider that takes the message as it is (MIME) gets it so; one that builds it anew gets its parts. Its own
counting of opens and clicks is switched off in each request as far as requests can say so, and no field asks
it to add an unsubscribe of its own. Our token goes along, so that its reports find the delivery.

From the providers' public descriptions; tried against an imitation of them only (docs/adr/0032).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from typing import Any, Final

from shodaku.delivery.routing import Kind
from shodaku.delivery.transports.aws_signature import signed
from shodaku.delivery.transports.decomposed import Attached, Parts, decomposed
from shodaku.delivery.transports.dialogue import Login
from shodaku.delivery.transports.job import Outcome, Stage, Verdict, printable
from shodaku.delivery.transports.sentences import Sentence

PORT: Final = 443
TOKEN: Final = "shodaku"  # noqa: S105 - the name of the field in which ours travels; `optout` reads it there
WAIT_SECONDS_MAX: Final = 600.0  # that a provider may ask for
_JSON: Final = ("Content-Type", "application/json")
# what SMTP would have said: journal and records know these numbers, whatever carried the message
_TAKEN: Final = 250
_LATER: Final = 451
_NEVER: Final = 554
_WELL_FROM: Final = 200  # of HTTP
_ELSEWHERE_FROM: Final = 300  # another address, which is not followed
_NO_FROM: Final = 400
_FAULT_FROM: Final = 500
_LATER_STATES: Final = frozenset({408, 425})
_OF_THE_ACCOUNT: Final = frozenset({401, 402, 403, 404, 405, 407, 429})  # not of one message
_QUEUED: Final = 202
_WAIT_DIGITS_MAX: Final = 6


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """Header names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def well(self) -> bool:
        return _WELL_FROM <= self.status < _ELSEWHERE_FROM


@dataclass(frozen=True, slots=True)
class Message:
    """`raw`: as a server would store it, without the stuffing of SMTP."""

    return_path: str
    recipient: str
    raw: bytes

    @property
    def token(self) -> str:
        """Ours, as it stands in the return path: `b+<hex>`."""
        return self.return_path.partition("@")[0]


@dataclass(frozen=True, slots=True)
class Account:
    """`login.user`: of SES the id of the access key, of Mailgun the domain, of Postmark the stream."""

    host: str
    login: Login


@dataclass(frozen=True, slots=True)
class Meaning:
    """`trouble`: the provider, not this message, says no; nothing else is asked of it for `wait_seconds`."""

    outcome: Outcome
    trouble: bool = False
    wait_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    host: str  # where nobody names another
    hosts: re.Pattern[str]
    octets_max: int  # of a message, as the provider counts it; ours is compared before base64
    user: re.Pattern[str]  # of an account, beside the key
    send: Callable[[Account, Message, datetime], Request]
    look: Callable[[Account, datetime], Request]  # asks something that changes nothing
    taken: Callable[[Answer, Any], bool]  # of a 2xx: does it say that the message was taken?
    # words of an answer by which the account, not the message, is the trouble
    troubles: tuple[str, ...] = ()
    tells: tuple[str, ...] = field(default=("message", "Message"))


def meaning(api: Api, answer: Answer) -> Meaning:
    """True whatever comes. What may have been taken is uncertain: a 5xx after the body too (F51)."""
    body = _read(answer.body)
    said = printable(f"HTTP {answer.status} {_told(api, body)}".strip())
    if answer.well:
        if api.taken(answer, body):
            return Meaning(Outcome(Verdict.ACCEPTED, Stage.END_OF_DATA, _TAKEN, said))
        return _unclear(Sentence.MESSAGE_UNCLEAR)
    if not _ELSEWHERE_FROM <= answer.status < _FAULT_FROM:
        return _unclear(said)
    if answer.status in _LATER_STATES:
        return Meaning(Outcome(Verdict.DEFERRED, Stage.END_OF_DATA, _LATER, said))
    if answer.status < _NO_FROM or answer.status in _OF_THE_ACCOUNT or _is_trouble(api, answer, said):
        # it did not take the message and says so: that one goes back as if it had never been offered
        outcome = Outcome(Verdict.UNTOUCHED, Stage.END_OF_DATA, _LATER, said)
        return Meaning(outcome, trouble=True, wait_seconds=_wait(answer))
    return Meaning(Outcome(Verdict.FAILED, Stage.END_OF_DATA, _NEVER, said))


def _unclear(said: str) -> Meaning:
    return Meaning(Outcome(Verdict.UNCERTAIN, Stage.END_OF_DATA, 0, said), trouble=True)


def _is_trouble(api: Api, answer: Answer, said: str) -> bool:
    kind = answer.headers.get("x-amzn-errortype", "")
    return any(word in said or word in kind for word in api.troubles)


def _wait(answer: Answer) -> float:
    """Seconds; a date is not read, for the usual pause is as good."""
    said = answer.headers.get("retry-after", "")
    return min(float(said), WAIT_SECONDS_MAX) if said.isdigit() and len(said) <= _WAIT_DIGITS_MAX else 0.0


def _read(body: bytes) -> Any:  # noqa: ANN401 - JSON; each reader looks before it takes
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _told(api: Api, body: object) -> str:
    """The sentence of an answer that is a no."""
    if isinstance(body, dict):
        errors = body.get("errors")
        if isinstance(errors, list) and errors:
            return _told(api, errors[0])
        named = [body[name] for name in ("code", "ErrorCode", *api.tells) if name in body]
        return " ".join(str(each) for each in named if isinstance(each, str | int))
    return ""


def _has(name: str) -> Callable[[Answer, Any], bool]:
    return lambda _, body: isinstance(body, dict) and isinstance(body.get(name), str) and bool(body[name])


def _bearer(account: Account) -> tuple[str, str]:
    return ("Authorization", f"Bearer {account.login.password}")


def _basic(user: str, password: str) -> tuple[str, str]:
    return ("Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())


def _dumped(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _named(address: Address) -> dict[str, str]:
    named = {"email": address.addr_spec}
    return {**named, "name": address.display_name} if address.display_name else named


def _written(address: Address) -> str:
    if not address.display_name:
        return address.addr_spec
    name = address.display_name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{name}" <{address.addr_spec}>'


# --- Amazon SES, version 2: takes MIME. Return path and Message-ID are its own, so bounces and complaints are
# asked to our return path, whose domain must be verified there.

_SES_HOST: Final = re.compile(r"email\.([a-z0-9-]{1,30})\.amazonaws\.com")
_SES_PATH: Final = "/v2/email/outbound-emails"


def _ses(method: str, path: str, body: bytes, account: Account, now: datetime) -> Request:
    found = _SES_HOST.fullmatch(account.host)
    region = found[1] if found else "local"
    key = (account.login.user, account.login.password)
    given = signed(method, account.host, path, body, key=key, region=region, service="ses", now=now)
    return Request(method, path, (*given, *([_JSON] if body else [])), body)


def _ses_send(account: Account, message: Message, now: datetime) -> Request:
    body = {
        "Destination": {"ToAddresses": [message.recipient]},
        "FeedbackForwardingEmailAddress": message.return_path,
        "Content": {"Raw": {"Data": _encoded(message.raw)}},
    }
    return _ses("POST", _SES_PATH, _dumped(body), account, now)


def _ses_look(account: Account, now: datetime) -> Request:
    return _ses("GET", "/v2/email/account", b"", account, now)


# --- Mailgun: takes MIME, and keeps the Message-ID.


def _mailgun_send(account: Account, message: Message, _now: datetime) -> Request:
    fields = [
        ("to", message.recipient),
        ("o:tracking", "no"),
        ("o:tracking-clicks", "no"),
        ("o:tracking-opens", "no"),
        (f"v:{TOKEN}", message.token),
    ]
    kind, body = _form(fields, message.raw)
    headers = (_basic("api", account.login.password), ("Content-Type", kind))
    return Request("POST", f"/v3/{account.login.user}/messages.mime", headers, body)


def _form(fields: list[tuple[str, str]], raw: bytes) -> tuple[str, bytes]:
    """multipart/form-data; its boundary stands nowhere in the message (RFC 2046 section 5.1.1)."""
    boundary = hashlib.sha256(raw).hexdigest()
    while boundary.encode() in raw:
        boundary = hashlib.sha256(boundary.encode()).hexdigest()
    lines = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields
    ]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="message"; filename="message.mime"\r\n'
        "Content-Type: message/rfc822\r\n\r\n"
    )
    body = "".join([*lines, head]).encode() + raw + f"\r\n--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", body


def _mailgun_look(account: Account, _now: datetime) -> Request:
    return Request("GET", f"/v3/domains/{account.login.user}", (_basic("api", account.login.password),))


# --- SendGrid: builds the message anew from its parts.


def _sendgrid_send(account: Account, message: Message, _now: datetime) -> Request:
    parts = decomposed(message.raw)
    content = [{"type": "text/plain", "value": parts.text}]
    if parts.html is not None:
        content.append({"type": "text/html", "value": parts.html})
    body: dict[str, object] = {
        "personalizations": [{"to": [_to(parts, message)], "custom_args": {TOKEN: message.token}}],
        "from": _named(parts.sender),
        "subject": parts.subject,
        "content": content,
        "headers": dict(parts.headers),
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
            "subscription_tracking": {"enable": False},  # else it would write a List-Unsubscribe of its own
            "ganalytics": {"enable": False},
        },
    }
    if parts.reply_to is not None:
        body["reply_to"] = _named(parts.reply_to)
    if parts.attached:
        body["attachments"] = [_sendgrid_file(each) for each in parts.attached]
    return Request("POST", "/v3/mail/send", (_bearer(account), _JSON), _dumped(body))


def _sendgrid_file(file: Attached) -> dict[str, str]:
    told = {"content": _encoded(file.content), "type": file.content_type, "filename": file.name}
    if file.content_id:
        return {**told, "disposition": "inline", "content_id": file.content_id}
    return {**told, "disposition": "attachment"}


def _to(parts: Parts, message: Message) -> dict[str, str]:
    """The address of the envelope: what the permit was for."""
    name = parts.recipient.display_name
    return {"email": message.recipient, "name": name} if name else {"email": message.recipient}


def _sendgrid_look(account: Account, _now: datetime) -> Request:
    return Request("GET", "/v3/scopes", (_bearer(account),))


# --- Postmark: builds the message anew, and keeps the Message-ID when it is asked to.


def _postmark_send(account: Account, message: Message, _now: datetime) -> Request:
    parts = decomposed(message.raw)
    kept = [("Message-ID", parts.message_id), ("X-PM-KeepID", "true")] if parts.message_id else []
    body: dict[str, object] = {
        "From": _written(parts.sender),
        "To": message.recipient,
        "Subject": parts.subject,
        "TextBody": parts.text,
        "Headers": [{"Name": name, "Value": value} for name, value in (*parts.headers, *kept)],
        "Metadata": {TOKEN: message.token},
        "MessageStream": account.login.user or "outbound",
        "TrackOpens": False,
        "TrackLinks": "None",
    }
    if parts.html is not None:
        body["HtmlBody"] = parts.html
    if parts.reply_to is not None:
        body["ReplyTo"] = _written(parts.reply_to)
    if parts.attached:
        body["Attachments"] = [_postmark_file(each) for each in parts.attached]
    return Request("POST", "/email", (_postmark_key(account), _JSON, _WANTS_JSON), _dumped(body))


def _postmark_file(file: Attached) -> dict[str, str]:
    told = {"Name": file.name, "Content": _encoded(file.content), "ContentType": file.content_type}
    return {**told, "ContentID": f"cid:{file.content_id}"} if file.content_id else told


_WANTS_JSON: Final = ("Accept", "application/json")


def _postmark_key(account: Account) -> tuple[str, str]:
    return ("X-Postmark-Server-Token", account.login.password)


def _postmark_look(account: Account, _now: datetime) -> Request:
    return Request("GET", "/server", (_postmark_key(account), _WANTS_JSON))


def _postmark_taken(_answer: Answer, body: object) -> bool:
    return isinstance(body, dict) and body.get("ErrorCode") == 0 and bool(body.get("MessageID"))


# --- Brevo: builds the message anew. No request can switch its counting off: its settings must.


def _brevo_send(account: Account, message: Message, _now: datetime) -> Request:
    parts = decomposed(message.raw)
    body: dict[str, object] = {
        "sender": _named(parts.sender),
        "to": [_to(parts, message)],
        "subject": parts.subject,
        "textContent": parts.text,
        "headers": {**dict(parts.headers), "X-Mailin-custom": message.token},
    }
    if parts.html is not None:
        body["htmlContent"] = parts.html
    if parts.reply_to is not None:
        body["replyTo"] = _named(parts.reply_to)
    if parts.attached:
        body["attachment"] = [
            {"name": each.name, "content": _encoded(each.content)} for each in parts.attached
        ]
    return Request("POST", "/v3/smtp/email", (_brevo_key(account), _JSON, _WANTS_JSON), _dumped(body))


def _brevo_key(account: Account) -> tuple[str, str]:
    return ("api-key", account.login.password)


def _brevo_look(account: Account, _now: datetime) -> Request:
    return Request("GET", "/v3/account", (_brevo_key(account), _WANTS_JSON))


_ANYBODY: Final = re.compile(r".{0,200}")  # the key says enough
APIS: Final[Mapping[Kind, Api]] = {
    Kind.SES: Api(
        host="email.ap-northeast-1.amazonaws.com",
        hosts=_SES_HOST,
        octets_max=40_000_000,
        user=re.compile(r"[A-Za-z0-9]{1,128}"),
        send=_ses_send,
        look=_ses_look,
        taken=_has("MessageId"),
        # the last: an account that may not write to everybody yet refuses each recipient by these words
        troubles=(
            "AccountSuspended", "SendingPaused", "MailFromDomainNotVerified", "LimitExceeded", "not verified",
        ),
    ),
    Kind.SENDGRID: Api(
        host="api.sendgrid.com",
        hosts=re.compile(r"api\.(eu\.)?sendgrid\.com"),
        octets_max=30_000_000,
        user=_ANYBODY,
        send=_sendgrid_send,
        look=_sendgrid_look,
        taken=lambda answer, _: answer.status == _QUEUED,
    ),
    Kind.MAILGUN: Api(
        host="api.mailgun.net",
        hosts=re.compile(r"api\.(eu\.)?mailgun\.net"),
        octets_max=25_000_000,
        user=re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,8}"),
        send=_mailgun_send,
        look=_mailgun_look,
        taken=_has("id"),
    ),
    Kind.POSTMARK: Api(
        host="api.postmarkapp.com",
        hosts=re.compile(r"api\.postmarkapp\.com"),
        octets_max=10_000_000,
        user=re.compile(r"[a-z0-9_-]{0,64}"),
        send=_postmark_send,
        look=_postmark_look,
        taken=_postmark_taken,
        # sender unknown, not confirmed; no credits; account waits; stream unknown
        troubles=("422 400 ", "422 401 ", "422 405 ", "422 412 ", "422 413 ", "422 1235 "),
    ),
    Kind.BREVO: Api(
        host="api.brevo.com",
        hosts=re.compile(r"api\.brevo\.com"),
        octets_max=20_000_000,
        user=_ANYBODY,
        send=_brevo_send,
        look=_brevo_look,
        taken=_has("messageId"),
        troubles=("not_enough_credits", "account_under_validation"),
    ),
}  # fmt: skip
