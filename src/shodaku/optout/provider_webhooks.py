"""What providers report by webhook, read into what it means here. Pure: bodies and keys in, events out.

Adapters are made from the providers' public descriptions. Amazon SES is not among them: the certificate that
signs its notifications must be fetched first. Its bounces come by mail to the return path instead.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid5

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from shodaku.optout.inbound import (
    MAIL_BYTES_MAX,
    Bounce,
    Complaint,
    Failure,
    Traces,
    after_content,
    read_mail,
    smtp_status,
)

AHEAD_MAX: Final = timedelta(minutes=5)
# Providers repeat for up to three days what was not taken, some under the first signature. A report that is
# refused for its age would be a refusal lost; so each counts once instead.
AGE_MAX: Final = timedelta(hours=72)
EVENTS_MAX: Final = 5_000
TOKENS_MAX: Final = 20  # texts of one event in which a token may stand
_EVENTS: Final = UUID("3d1c52d4-7a0e-5f0a-9a43-4f1c8e7d2b60")  # name space of reports


class EventKind(StrEnum):
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    REFUSAL = "refusal"  # unsubscribed there, or said STOP to them
    TEXT = "text"  # a text message from a person
    NOTED = "noted"  # known, and nothing follows
    UNKNOWN = "unknown"


class Channel(StrEnum):
    MAIL = "mail"
    SMS = "sms"


class Checked(StrEnum):
    TRUE = "true"
    FORGED = "forged"
    STALE = "stale"  # signed, and outside of the window


class Unreadable(ValueError):
    """The body is not what this provider sends."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A request; header names in small letters."""

    body: bytes
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)


_NONE: Final = Failure("", delivered=False, at_data_end=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEvent:
    event_id: UUID  # the same report has the same, however often it comes
    kind: EventKind
    name: str  # as the provider calls it
    traces: Traces = field(default_factory=Traces)  # where our token may stand
    address: str = ""  # who it is about: enough to stop, never to disable
    text: str = ""
    failure: Failure = _NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """`mail` and `sms` are for everybody else, in our own form and signed as most of them sign."""

    channel: Channel
    keyed: bool  # signs with a key; else the secret in the path is all there is
    check: Callable[[Posted, str, datetime], Checked]
    read: Callable[[Posted], list[ProviderEvent]]
    key_is_usable: Callable[[str], bool] = bool


def _json(posted: Posted) -> Any:  # Any: JSON; each reader looks before it takes  # noqa: ANN401
    """Raises Unreadable."""
    try:
        return json.loads(posted.body)
    except (ValueError, RecursionError):
        raise Unreadable from None


def _objects(value: object) -> list[dict[str, Any]]:
    """Raises Unreadable."""
    each: list[Any] = value if isinstance(value, list) else [value]
    if len(each) > EVENTS_MAX or not all(isinstance(one, dict) for one in each):
        raise Unreadable
    return each


def _at(value: object, *names: str) -> Any:  # noqa: ANN401 - JSON
    """What stands behind these names; None where one of them is not there."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _text(value: object, *names: str) -> str:
    found = _at(value, *names)
    if not isinstance(found, str | int | float) or isinstance(found, bool):
        return ""
    return str(found).encode("utf-8", "replace").decode()  # half of an emoji, cut by who counts in UCS-2


def _id(provider: str, event: Mapping[str, Any], *parts: str) -> UUID:
    """By the provider's own number; where there is none, by all that was said."""
    own = "\0".join(filter(None, parts))
    return uuid5(_EVENTS, f"{provider}\0{own or json.dumps(event, sort_keys=True)}")


_HEADS: Final = re.compile(r"[<>\s]")


def _traces(*texts: str) -> Traces:
    """Addresses and Message-IDs, with or without their brackets."""
    bare = (_HEADS.sub("", text) for text in texts[:TOKENS_MAX])
    return Traces(tuple(dict.fromkeys(text for text in bare if text)))


def _metadata(value: object) -> list[str]:
    """Whoever adds our token to what the provider keeps with a message finds it here."""
    return [each for each in value.values() if isinstance(each, str)] if isinstance(value, Mapping) else []


def _failed(stated: str, answer: str, *, blocked: bool = False) -> Failure:
    """By what the server said, not by the provider's own word for it (BOUNCES.md section 7)."""
    after = blocked or after_content(answer)
    return Failure(smtp_status(stated, answer), delivered=False, at_data_end=after, answer=answer)


def _in_window(seconds: str, now: datetime) -> bool:
    try:
        at = datetime.fromtimestamp(float(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return False
    return now - AGE_MAX <= at <= now + AHEAD_MAX


def _checked(signed: bool, seconds: str, now: datetime) -> Checked:  # noqa: FBT001 - of two values, the first
    if not signed:
        return Checked.FORGED
    return Checked.TRUE if _in_window(seconds, now) else Checked.STALE


def _by_path(_posted: Posted, _key: str, _now: datetime) -> Checked:
    return Checked.TRUE


def _check_mailgun(posted: Posted, key: str, now: datetime) -> Checked:
    """HMAC-SHA256 of time and token, inside of the body."""
    try:
        body = _json(posted)
    except Unreadable:
        return Checked.FORGED
    seconds, token = _text(body, "signature", "timestamp"), _text(body, "signature", "token")
    made = hmac.new(key.encode(), (seconds + token).encode(), hashlib.sha256).hexdigest()
    given = _text(body, "signature", "signature")
    return _checked(hmac.compare_digest(made.encode(), given.encode()), seconds, now)


_MAILGUN_REFUSALS: Final = {
    "suppress-unsubscribe": EventKind.REFUSAL,
    "suppress-complaint": EventKind.COMPLAINT,
    "suppress-bounce": EventKind.NOTED,  # of their own list: a bounce that was reported before
}
_MAILGUN: Final = {
    "complained": EventKind.COMPLAINT,
    "unsubscribed": EventKind.REFUSAL,
    **dict.fromkeys(("accepted", "delivered", "opened", "clicked", "stored", "rejected"), EventKind.NOTED),
}


def _read_mailgun(posted: Posted) -> list[ProviderEvent]:
    body = _json(posted)
    event = _at(body, "event-data")
    if not isinstance(event, dict):
        raise Unreadable
    name, status = _text(event, "event"), _at(event, "delivery-status")
    kind = _MAILGUN.get(name, EventKind.UNKNOWN)
    if name == "failed":
        permanent = _text(event, "severity") == "permanent"
        kind = _MAILGUN_REFUSALS.get(
            _text(event, "reason"), EventKind.BOUNCE if permanent else EventKind.NOTED
        )
    answer = f"{_text(status, 'code')} {_text(status, 'message')} {_text(status, 'description')}"
    return [
        ProviderEvent(
            event_id=_id("mailgun", event, _text(event, "id") or _text(body, "signature", "token")),
            kind=kind,
            name=name,
            traces=_traces(
                _text(event, "envelope", "sender"),
                _text(event, "message", "headers", "message-id"),
                *_metadata(_at(event, "user-variables")),
            ),
            address=_text(event, "recipient"),
            failure=_failed(_text(status, "enhanced-code"), answer),
        )
    ]


_SENDGRID_SIGNATURE: Final = "x-twilio-email-event-webhook-signature"
_SENDGRID_TIME: Final = "x-twilio-email-event-webhook-timestamp"


def _sendgrid_key(key: str) -> ec.EllipticCurvePublicKey | None:
    try:
        loaded = load_der_public_key(base64.b64decode(key, validate=True))
    except (ValueError, binascii.Error):
        return None
    return loaded if isinstance(loaded, ec.EllipticCurvePublicKey) else None


def _check_sendgrid(posted: Posted, key: str, now: datetime) -> Checked:
    """ECDSA over time and body, with the public key that its settings show."""
    seconds, public = posted.headers.get(_SENDGRID_TIME, ""), _sendgrid_key(key)
    if public is None:
        return Checked.FORGED
    try:
        signature = base64.b64decode(posted.headers.get(_SENDGRID_SIGNATURE, ""), validate=True)
        public.verify(signature, seconds.encode() + posted.body, ec.ECDSA(hashes.SHA256()))
    except (ValueError, InvalidSignature):
        return Checked.FORGED
    return _checked(True, seconds, now)  # noqa: FBT003 - it is signed


_SENDGRID: Final = {
    "bounce": EventKind.BOUNCE,
    "spamreport": EventKind.COMPLAINT,
    "unsubscribe": EventKind.REFUSAL,
    "group_unsubscribe": EventKind.REFUSAL,
    **dict.fromkeys(
        ("processed", "deferred", "delivered", "open", "click", "group_resubscribe"), EventKind.NOTED
    ),
}
_SENDGRID_DROPPED: Final = {
    "unsubscribed address": EventKind.REFUSAL,
    "spam reporting address": EventKind.COMPLAINT,
}


def _read_sendgrid(posted: Posted) -> list[ProviderEvent]:
    return [_sendgrid_event(event) for event in _objects(_json(posted))]


def _sendgrid_event(event: dict[str, Any]) -> ProviderEvent:
    name, reason = _text(event, "event"), _text(event, "reason")
    kind = _SENDGRID.get(name, EventKind.UNKNOWN)
    if name == "dropped":
        kind = _SENDGRID_DROPPED.get(reason.lower(), EventKind.NOTED)
    return ProviderEvent(
        event_id=_id("sendgrid", event, _text(event, "sg_event_id")),
        kind=kind,
        name=name,
        traces=_traces(_text(event, "smtp-id"), _text(event, "shodaku")),
        address=_text(event, "email"),
        failure=_failed(_text(event, "status"), reason, blocked=_text(event, "type") == "blocked"),
    )


_POSTMARK_TYPES: Final = {
    **dict.fromkeys(("HardBounce", "SoftBounce", "BadEmailAddress", "DnsError"), EventKind.BOUNCE),
    "SpamComplaint": EventKind.COMPLAINT,
    "Unsubscribe": EventKind.REFUSAL,
}
_POSTMARK_REASONS: Final = {"SpamComplaint": EventKind.COMPLAINT, "HardBounce": EventKind.NOTED}
_POSTMARK_NOTED: Final = frozenset({"Delivery", "Open", "Click"})


def _read_postmark(posted: Posted) -> list[ProviderEvent]:
    """It signs nothing: the secret of the path is all there is."""
    (event, *more) = _objects(_json(posted)) or [{}]
    if more:
        raise Unreadable
    name, kind = _text(event, "RecordType"), EventKind.UNKNOWN
    match name:
        case "Bounce":
            kind = _POSTMARK_TYPES.get(_text(event, "Type"), EventKind.NOTED)
        case "SpamComplaint":
            kind = EventKind.COMPLAINT
        case "SubscriptionChange":
            kind = (
                _POSTMARK_REASONS.get(_text(event, "SuppressionReason"), EventKind.REFUSAL)
                if _at(event, "SuppressSending") is True
                else EventKind.NOTED  # no consent comes in this way
            )
        case _ if name in _POSTMARK_NOTED:
            kind = EventKind.NOTED
    answer = _text(event, "Details")
    returned = _returned(_text(event, "Content"))
    own = _text(event, "ID")
    given = _traces(*_metadata(_at(event, "Metadata")))
    return [
        ProviderEvent(
            event_id=_id("postmark", event, name if own else "", own),
            kind=kind,
            name=f"{name} {_text(event, 'Type')}".strip(),
            traces=Traces((*given.addresses, *returned.addresses), returned.pages),
            address=_text(event, "Email") or _text(event, "Recipient"),
            failure=_failed("", answer, blocked=_text(event, "Type") == "Blocked"),
        )
    ]


def _returned(dump: str) -> Traces:
    """Of the whole mail that the provider got back, if it hands it on."""
    received = read_mail(dump.encode("utf-8", "surrogateescape")[:MAIL_BYTES_MAX]).received if dump else None
    return received.returned if isinstance(received, Bounce | Complaint) else Traces()


_BREVO: Final = {
    **dict.fromkeys(("hard_bounce", "soft_bounce", "invalid_email"), EventKind.BOUNCE),
    **dict.fromkeys(("spam", "complaint"), EventKind.COMPLAINT),
    **dict.fromkeys(("unsubscribed", "unsubscribe"), EventKind.REFUSAL),
    **dict.fromkeys(
        (
            "request", "delivered", "deferred", "error", "blocked", "opened", "unique_opened", "click",
            "proxy_open", "unique_proxy_open", "list_addition",
        ),
        EventKind.NOTED,
    ),
}  # fmt: skip


def _read_brevo(posted: Posted) -> list[ProviderEvent]:
    """It signs nothing, and numbers no report."""
    return [
        ProviderEvent(
            event_id=_id("brevo", event),  # it has no number for a report
            kind=_BREVO.get(_text(event, "event"), EventKind.UNKNOWN),
            name=_text(event, "event"),
            traces=_traces(_text(event, "message-id"), _text(event, "X-Mailin-custom")),
            address=_text(event, "email"),
            failure=_failed("", _text(event, "reason")),
        )
        for event in _objects(_json(posted))
    ]


_TWILIO_SIGNATURE: Final = "x-twilio-signature"
_TWILIO_OPTED_OUT: Final = "21610"
_TWILIO_STATES: Final = frozenset(
    {"accepted", "scheduled", "queued", "sending", "sent", "delivered", "undelivered", "failed", "read"}
)


def _check_twilio(posted: Posted, key: str, _now: datetime) -> Checked:
    """HMAC-SHA1 of the address and the sorted fields. It signs no time: what comes twice is known by its
    number.
    """
    said = posted.url + "".join(name + posted.form[name] for name in sorted(posted.form))
    made = base64.b64encode(hmac.new(key.encode(), said.encode(), hashlib.sha1).digest())
    given = posted.headers.get(_TWILIO_SIGNATURE, "").encode()
    return Checked.TRUE if hmac.compare_digest(made, given) else Checked.FORGED


def _read_twilio(posted: Posted) -> list[ProviderEvent]:
    form = posted.form
    number = form.get("MessageSid", "") or form.get("SmsSid", "")
    state = form.get("MessageStatus", "") or form.get("SmsStatus", "")
    if "Body" in form:
        kind = EventKind.REFUSAL if form.get("OptOutType") == "STOP" else EventKind.TEXT
        name, address = "text", form.get("From", "")
    elif form.get("ErrorCode") == _TWILIO_OPTED_OUT:
        kind, name, address = EventKind.REFUSAL, state, form.get("To", "")
    else:
        kind = EventKind.NOTED if state in _TWILIO_STATES else EventKind.UNKNOWN
        name, address = state, form.get("To", "")
    if not number:
        raise Unreadable
    return [
        ProviderEvent(
            event_id=_id("twilio", {}, name, number),
            kind=kind,
            name=name,
            address=address,
            text=form.get("Body", ""),
        )
    ]


SIGNATURE: Final = "shodaku-signature"  # t=1764000000,v1=<hex of HMAC-SHA256(key, t "." body)>
_SIGNED: Final = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")
_PLAIN: Final = {
    "bounce": EventKind.BOUNCE,
    "complaint": EventKind.COMPLAINT,
    "unsubscribe": EventKind.REFUSAL,
    "text": EventKind.TEXT,
    **dict.fromkeys(("accepted", "delivered", "deferred", "opened", "clicked"), EventKind.NOTED),
}


def signature(key: str, body: bytes, at: datetime) -> str:
    """The value of the header Shodaku-Signature."""
    seconds = str(int(at.timestamp()))
    made = hmac.new(key.encode(), seconds.encode() + b"." + body, hashlib.sha256)
    return f"t={seconds},v1={made.hexdigest()}"


def _check_plain(posted: Posted, key: str, now: datetime) -> Checked:
    given = _SIGNED.fullmatch(posted.headers.get(SIGNATURE, ""))
    if given is None:
        return Checked.FORGED
    made = hmac.new(key.encode(), given[1].encode() + b"." + posted.body, hashlib.sha256)
    return _checked(hmac.compare_digest(made.hexdigest(), given[2]), given[1], now)


def _read_plain(posted: Posted) -> list[ProviderEvent]:
    return list(_plain_events(_objects(_at(_json(posted), "events"))))


def _plain_id(event: Mapping[str, Any]) -> UUID:
    """A number may be that of the message: what became of it, and to whom, belongs to the event."""
    number = _text(event, "id")
    parts = (number, _text(event, "event"), _text(event, "address")) if number else ()
    return _id("plain", event, *parts)


def _plain_events(events: Sequence[Mapping[str, Any]]) -> Iterator[ProviderEvent]:
    for event in events:
        name = _text(event, "event")
        yield ProviderEvent(
            event_id=_plain_id(event),
            kind=_PLAIN.get(name, EventKind.UNKNOWN),
            name=name,
            traces=_traces(_text(event, "return_path"), _text(event, "message_id"), _text(event, "token")),
            address=_text(event, "address"),
            text=_text(event, "text"),
            failure=_failed(
                _text(event, "status"),
                _text(event, "answer"),
                blocked=_text(event, "stage") == "data_end",
            ),
        )


ADAPTERS: Final[Mapping[str, Adapter]] = {
    "mailgun": Adapter(channel=Channel.MAIL, keyed=True, check=_check_mailgun, read=_read_mailgun),
    "sendgrid": Adapter(
        channel=Channel.MAIL,
        keyed=True,
        check=_check_sendgrid,
        read=_read_sendgrid,
        key_is_usable=lambda key: _sendgrid_key(key) is not None,
    ),
    "postmark": Adapter(channel=Channel.MAIL, keyed=False, check=_by_path, read=_read_postmark),
    "brevo": Adapter(channel=Channel.MAIL, keyed=False, check=_by_path, read=_read_brevo),
    "mail": Adapter(channel=Channel.MAIL, keyed=True, check=_check_plain, read=_read_plain),
    "twilio": Adapter(channel=Channel.SMS, keyed=True, check=_check_twilio, read=_read_twilio),
    "sms": Adapter(channel=Channel.SMS, keyed=True, check=_check_plain, read=_read_plain),
}
