"""The send cases of law/situations.yaml as facts of the gate.

What the linter reads from bytes (footer, headers) is given here as its finding. A word that the facts of the
gate cannot express yet raises `CannotSay`: it is never dropped in silence.
"""

import re
from datetime import datetime, timedelta

from shodaku.consent.domain import Consent, ConsentState, Flaw, Frequency, Period, add_months
from shodaku.contacts.domain import Channel
from shodaku.policy.domain import (
    About,
    Ads,
    Bases,
    CampaignState,
    Deferred,
    Facts,
    MessageClass,
    MessageFacts,
    OtherConsent,
    Permit,
    PersonFacts,
    Published,
    Reason,
    Refused,
    Switches,
    ThirdParty,
    head_fault,
)
from shodaku.suppression.domain import Refusal, Scope

NOW = datetime.fromisoformat("2026-11-16T10:00:00+09:00")
TOPICS = {"news": 1}
DURATION = re.compile(r"([+-]?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
INERT = {
    "consent": {"policy_version", "night", "written"},
    "form_entry": {"confirmed"},
    "business_card": set(),
    "purchase": {"once", "refusal_offered_at_collection"},
    "oral_notice": {"where"},
    "import": {"consent_wording"},
    "generated": {"pattern"},
}
FOOTER = {
    ("name", None): Reason.DISPLAY_NAME_MISSING,
    ("optout", None): Reason.DISPLAY_OPTOUT_MISSING,
    ("optout", "header_only"): Reason.DISPLAY_OPTOUT_MISSING,
    ("optout_words", None): Reason.DISPLAY_OPTOUT_WORDS_MISSING,
    ("optout_words_at", "elsewhere"): Reason.DISPLAY_OPTOUT_WORDS_NOT_ADJACENT,
    ("address_link", None): Reason.DISPLAY_ADDRESS_MISSING,
    ("as", "image"): Reason.DISPLAY_IMAGE_ONLY,
    ("phone", None): Reason.DISPLAY_TOKUSHO_MISSING,
}
FOOTER_INERT = {("address", None)}  # the pointer decides
WINDOWS = {"P1D": Period.DAY, "P7D": Period.WEEK, "P1M": Period.MONTH}


class CannotSay(Exception):
    """The facts of the gate have no word for this yet."""


def at(duration):
    sign, *parts = DURATION.fullmatch(duration).groups()
    years, months, days, hours, minutes, seconds = (int(part or 0) for part in parts)
    direction = -1 if sign == "-" else 1
    moved = add_months(NOW, direction * (12 * years + months))
    return moved + direction * timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def facts_of(case):
    given, message = case.get("given") or {}, dict(case["message"])
    about_person = {}
    for fact in given.get("facts", []):
        ((name, body),) = fact.items()
        about_person.setdefault(name, []).append(body if isinstance(body, dict) else {"is": body})
    return Facts(_message(given, message, about_person), _person(given, message, about_person))


def seen(verdict):
    """The verdict in the words of the suite: (verdict, reason, as)."""
    match verdict:
        case Permit(without_ads=True, reason=reason):
            return "allow_as", reason, ["transactional_without_ads"]
        case Permit(reason=Reason.OUTSIDE_SE_TREAT_AS_NEWS as reason):
            return "allow_as", reason, ["informational"]
        case Permit(reason=Reason.TRACKING_REMOVED as reason):
            return "allow_as", reason, ["without_tracking"]
        case Permit(reason=reason):
            return "allow", reason, []
        case Refused(reason=reason, instead=None):
            return "refuse", reason, []
        case Refused(reason=reason, instead=instead):
            return "allow_as", reason, [instead]
        case Deferred(reason=reason, until=None):
            return "defer", reason, ["operator_release"]
        case Deferred(reason=reason):
            return "defer", reason, ["until_0800_local"]


def _message(given, message, about_person):
    _only(
        given,
        {"facts", "recipient", "sender", "list", "local_time", "queued_at", "current_policy", "settings"},
    )
    known = {
        "channel",
        "class",
        "ads",
        "about",
        "purpose",
        "sender",
        "series",
        "from",
        "footer",
        "headers",
        "auth",
    }
    known |= {"body_style", "pr_label", "why_line", "tracking", "tracking_consent", "event", "decided_at"}
    _only(message, known | {"subject", "is_reply"})
    sender = given.get("sender", {})
    _only(sender, {"b2c_mail_order", "kind"})
    message_class = MessageClass(message.get("class", "advertising"))
    default_ads = "main" if message_class is MessageClass.ADVERTISING else "none"
    rate = about_person.pop("complaint_rate_list", [{"is": 0}])[0]["is"]
    settings = {"relationship": True, "published_address": True, "incidental_ads": True}
    return MessageFacts(
        channel=_channel(message),
        message_class=message_class,
        topic_id=TOPICS["news"],
        ads=Ads(message.get("ads", default_ads)),
        double_opt_in=given.get("list", {}).get("double_opt_in", True),
        mail_order=sender.get("b2c_mail_order", False),
        head_fault=head_fault(
            message.get("subject", "お知らせ"),
            message.get("from", "news@a.example").rpartition("@")[2],
            ["a.example"],
            is_reply=message.get("is_reply", message_class is MessageClass.REPLY),
        ),
        display_missing=tuple(_findings(message)),
        gate_closed=False,
        campaign_state=CampaignState.RUNNING,
        complaint_rate_stop=rate > 0.003,
        open_pixel=message.get("tracking", {}).get("open_pixel", False),
        purpose=message.get("purpose", "marketing"),
        about=_about(message),
        first_issue=message.get("series") == "first_issue",
        sender_is_npo=sender.get("kind") == "npo",
        switches=Switches(**settings | given.get("settings", {})),
    )


def _about(message):
    about = message.get("about", "own")
    if about == "own_similar":
        raise CannotSay("soft opt-in of EU and UK")
    return About(about)


def _channel(message):
    channel = message.get("channel", "email")
    if channel not in list(Channel):
        raise CannotSay(f"no transport for {channel}")
    return Channel(channel)


def _findings(message):
    footer = message.get("footer", "complete")
    for item in () if footer == "complete" else footer.items():
        if item in FOOTER:
            yield FOOTER[item]
        elif item not in FOOTER_INERT and item[0] != "address_link":
            raise CannotSay(f"footer {item}")
    if message.get("why_line", "present") is None:
        yield Reason.WHY_LINE_MISSING
    if message.get("body_style") == "third_party_review" and message.get("pr_label") is None:
        yield Reason.PR_LABEL_MISSING
    headers = message.get("headers", "complete")
    if headers != "complete":
        yield Reason.HEADER_ONECLICK_MISSING
    if message.get("auth") == {"dmarc": "none"}:
        yield Reason.AUTH_DMARC_MISSING


def _person(given, message, about_person):
    recipient = given.get("recipient", {})
    _only(recipient, {"kind"})
    take = about_person.pop
    sent = take("sent", [])
    take("never_mailed", None)
    consent, other, frequency = _consent(take("consent", []), message)
    ads_sent = [at(body["at"]) for body in sent if body.get("class", "advertising") == "advertising"]
    window = frequency.counted_after(NOW) if frequency else None
    facts = PersonFacts(
        contact_id=1,
        address_invalid=bool(take("address_invalid", [])),
        address_generated=bool(take("generated", [])),
        erased_at=_latest(take("erased", [])),
        refusals=tuple(_refusal(body) for body in take("refusal", [])),
        consent=consent,
        other_consent=other,
        last_sent_at=max(ads_sent, default=None),
        sent_in_window=sum(1 for moment in ads_sent if window and moment > window),
        sent_in_window_max=frequency.max if frequency else None,
        asked_at=_unanswered(sent, "consent_request"),
        reconfirm_asked_at=_unanswered(sent, "reconfirm"),
        quiet_until=_quiet_until(given, message),
        form_entry_at=_latest(
            [b for b in take("form_entry", []) if b.get("by", "person") == "person" and b["box_checked"]]
        ),
        tracking_consent=message.get("tracking_consent", False),
        is_person=recipient.get("kind", "person") == "person",
        bases=_bases(about_person, recipient.get("kind", "person")),
    )
    if about_person:
        raise CannotSay(f"facts {sorted(about_person)}")
    return facts


def _consent(consents, message):
    if not consents:
        return Consent(), None, None
    if len(consents) > 1:
        raise CannotSay("several consents in one fold")
    (body,) = consents
    known = {"at", "express", "box", "confirmed", "sender", "channels", "topics", "purposes", "frequency"}
    _only(body, known | {"evidence", "expires", "reconfirmed"} | INERT["consent"])
    frequency = body.get("frequency")
    if frequency and frequency["per"] not in WINDOWS:
        raise CannotSay(f"frequency per {frequency['per']}")
    promise = Frequency(frequency["max"], WINDOWS[frequency["per"]]) if frequency else None
    if body.get("sender", "A") != message.get("sender", "A"):
        return Consent(), OtherConsent.SENDER, None
    if message.get("channel", "email") not in body.get("channels", ["email"]):
        return Consent(), OtherConsent.CHANNEL, None
    if "news" not in body.get("topics", ["news"]):
        return Consent(), OtherConsent.TOPIC, None
    since = at(body.get("at", "-P30D"))
    return (
        Consent(
            ConsentState.ACTIVE,
            since,
            confirmed=body.get("confirmed", True),
            expires_at=at(body["expires"]) if body.get("expires") else None,
            last_contact_at=at(body["reconfirmed"]) if body.get("reconfirmed") else since,
            entry_id=None if body.get("evidence") == "none" else 7,
            purposes=frozenset(body.get("purposes", ["marketing"])),
            flaw=_flaw(body),
        ),
        None,
        promise,
    )


def _flaw(body):
    if body.get("box", "unchecked") == "checked_by_default":
        return Flaw.PRECHECKED
    if not body.get("express", True):
        return Flaw.DEEMED
    return {"incomplete": Flaw.INCOMPLETE, "tampered": Flaw.TAMPERED}.get(body.get("evidence"))


def _refusal(body):
    _only(body, {"at", "scope", "topic", "until", "via", "received_by"})
    scope = Scope(body.get("scope", "all"))
    topic = TOPICS.get(body["topic"], 99) if scope is Scope.TOPIC else None
    return Refusal(scope, at(body["at"]), topic, at(body["until"]) if scope is Scope.UNTIL else None)


def _bases(about_person, kind):
    take = about_person.pop
    cards, oral, published = take("business_card", []), take("oral_notice", []), take("published", [])
    relationships, purchases = take("relationship", []), take("purchase", [])
    contracts, imported = take("contract", []), take("import", [])
    for harmless in ("enquiry", "appointment"):  # Canada only, and no ground for advertising in Japan
        take(harmless, None)
    return Bases(
        member=bool(take("member", [])),
        card_at=_latest(cards),
        card_refuses=any("words" in body for body in cards),
        oral_notice_at=_latest(oral),
        third_party=_third_party(imported[0]) if imported else None,
        published=_published(published[0], kind) if published else None,
        relationship_active=relationships[0]["active"] if relationships else None,
        purchase_at=_latest(purchases),
        contract_open=any(body["stage"] in ("accepted", "paid", "shipped") for body in contracts),
    )


def _published(body, kind):
    if body["refusal_words"]:
        return Published.REFUSING
    return Published.BY_PERSON if kind == "person" else Published.BY_BUSINESS


def _third_party(body):
    if body["from"] == "purchased_list":
        return ThirdParty.PURCHASED_LIST
    if not body.get("names_sender"):
        return ThirdParty.SENDER_NOT_NAMED
    proved = body.get("evidence") == "complete" and body.get("provision_record")
    return ThirdParty.PROVED if proved else ThirdParty.UNPROVED


def _quiet_until(given, message):
    hour, minute = map(int, given.get("local_time", "10:00").split(":"))
    if message.get("channel") != "sms" or 8 <= hour < 21:
        return None
    return NOW + timedelta(hours=(8 - hour) % 24) - timedelta(minutes=minute)


def _unanswered(sent, message_class):
    return _latest([body for body in sent if body.get("class") == message_class and not body.get("answer")])


def _latest(bodies):
    return max((at(body["at"]) for body in bodies), default=None)


def _only(body, known):
    if unknown := set(body) - known:
        raise CannotSay(f"{sorted(unknown)}")
