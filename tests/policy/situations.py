"""Situations in the words of LAW.md section 9 as facts of the gate, without a database.

What the linter reads from bytes (footer, headers, the text of an SMS) is given here as its finding. A word
that the vocabulary does not have raises `UnknownWord`: nothing is dropped in silence.
"""

import re
import unicodedata
import zlib
from datetime import UTC, datetime, timedelta, timezone

from shodaku.consent.domain import Consent, ConsentState, Flaw, Limit, Terms, add_months
from shodaku.contacts.domain import Channel
from shodaku.policy.domain import (
    NEWEST_IN_FORCE,
    About,
    Ads,
    Bases,
    CampaignState,
    Deferred,
    DisplayReport,
    Facts,
    HeldConsent,
    MessageClass,
    MessageFacts,
    Permit,
    PersonFacts,
    Published,
    Reach,
    Reason,
    Refused,
    Switches,
    ThirdParty,
    decide,
    head_fault,
    pack,
    refuses_advertising,
    rules,
)
from shodaku.suppression.domain import Refusal, Scope

NOW = datetime.fromisoformat("2026-11-16T10:00:00+09:00")
DURATION = re.compile(
    r"([+-]?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"
)
RULES = pack(NEWEST_IN_FORCE)

KNOWN = {
    "given": "recipient sender list settings local_time queued_at current_policy facts",
    "recipient": "kind age country",
    "sender": "name legal_name kind b2c_mail_order domains",
    "list": "double_opt_in",
    "settings": "card_advertising relationship published_address soft_optin implied_consent incidental_ads "
    "evidence_retention",
    "current_policy": "version purpose_changed",
    "message": "channel class ads topic purpose sender about event leads_to series decided_at from subject "
    "is_reply subject_label text body_style pr_label why_line headers dkim auth tracking tracking_consent "
    "footer",
    "headers": "List-Unsubscribe List-Unsubscribe-Post List-Id",
    "dkim": "h_missing",
    "auth": "dmarc",
    "tracking": "open_pixel",
    "footer": "name optout optout_words optout_words_at reply_to_from_suffices address address_link contact "
    "contact_link phone responsible_person seller_email sales_terms as style",
    "consent": "at express box confirmed sender channels topics purposes frequency evidence expires "
    "reconfirmed written night guardian policy_version",
    "frequency": "max per",
    "refusal": "at scope topic until via received_by",
    "form_entry": "at box_checked confirmed by",
    "business_card": "at words",
    "oral_notice": "at where",
    "published": "at where refusal_words",
    "relationship": "at type active",
    "purchase": "at once refusal_offered_at_collection",
    "enquiry": "at",
    "free_signup": "at is",
    "appointment": "at is",
    "erased": "at",
    "contract": "at stage",
    "member": "is",
    "import": "at from names_sender consent_wording evidence provision_record",
    "sent": "at class topic channel answer",
    "never_mailed": "is",
    "generated": "pattern",
    "address_invalid": "is",
    "complaint_rate_list": "is",
}
FACTS = tuple(list(KNOWN)[list(KNOWN).index("consent") :])


class UnknownWord(Exception):
    """The vocabulary has no such word."""


def moved(at, duration):
    months, rest = span(duration)
    return add_months(at, months) + rest


def at(duration):
    return moved(NOW, duration)


def span(duration):
    """Calendar months, and the exact rest."""
    found = DURATION.fullmatch(str(duration))
    if found is None:
        raise UnknownWord(f"duration {duration}")
    sign, *parts = found.groups()
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in parts)
    direction = -1 if sign == "-" else 1
    rest = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return direction * (12 * years + months), direction * rest


def answer(case):
    """What the gate says to a case: (verdict, reason, as)."""
    return seen(decide(facts_of(case), decided_at(case)))


def decided_at(case):
    return at((case.get("message") or {}).get("decided_at", "PT0S"))


def facts_of(case):
    given, message = _words(case.get("given"), "given"), _words(case.get("message"), "message")
    for place in ("recipient", "sender", "list", "settings", "current_policy"):
        _words(given.get(place), place)
    told = {name: [] for name in FACTS}
    for fact in given.get("facts", []):
        ((name, body),) = fact.items()
        if name not in told:
            raise UnknownWord(name)
        told[name].append(_words(body if isinstance(body, dict) else {"is": body}, name))
    return Facts(_message(given, message, told), _person(case, given, message, told))


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
        case Deferred(reason=reason, until=until):
            return "defer", reason, [f"until_{until:%H%M}_local"]


def _words(body, name):
    body = body or {}
    known = KNOWN[name].split()
    if unknown := sorted(set(body) - set(known)):
        raise UnknownWord(f"{name}: {unknown}")
    return body


def _message(given, message, told):
    sender = given.get("sender", {})
    message_class = MessageClass(message.get("class", "advertising"))
    default_ads = "main" if message_class is MessageClass.ADVERTISING else "none"
    on = {"relationship", "published_address", "soft_optin", "implied_consent", "incidental_ads"}
    settings = dict.fromkeys(on, True) | given.get("settings", {})
    settings.pop("evidence_retention", None)
    return MessageFacts(
        channel=Channel(message.get("channel", "email")),
        message_class=message_class,
        topic_id=topic_id(message.get("topic", "news")),
        ads=Ads(message.get("ads", default_ads)),
        double_opt_in=given.get("list", {}).get("double_opt_in", True),
        mail_order=sender.get("b2c_mail_order", False),
        head_fault=head_fault(
            message.get("subject", "お知らせ"),
            message.get("from", "news@a.example").rpartition("@")[2],
            sender.get("domains", ["a.example"]),
            is_reply=message.get("is_reply", message_class is MessageClass.REPLY),
        ),
        display=_display(given, message),
        gate_closed=False,
        campaign_state=CampaignState.RUNNING,
        complaint_rate=max((body["is"] for body in told["complaint_rate_list"]), default=0),
        complaint_rate_released=False,
        open_pixel=_words(message.get("tracking"), "tracking").get("open_pixel", False),
        ends_with_all=False,
        pack=RULES,
        limit=None,
        purpose=message.get("purpose", "marketing"),
        about=About(message.get("about", "own")),
        first_issue=message.get("series") == "first_issue",
        sender_is_npo=sender.get("kind", "company") == "npo",
        switches=Switches(**settings),
    )


def topic_id(name):
    return zlib.crc32(name.encode())


def _display(given, message):
    footer = message.get("footer", "complete")
    footer = {} if footer == "complete" else _words(footer, "footer")
    legal_name = given.get("sender", {}).get("legal_name", "株式会社A")
    missing = [*_shown(message, footer, legal_name), *_beside(message), *_of_the_mail(message)]
    starts = (message.get("subject_label") or "", message.get("subject") or "", message.get("text") or "")
    return DisplayReport(
        missing=tuple(missing),
        address_linked="text" not in message and bool(_absent(footer, "address")) and _points(footer),
        labels=tuple(label for label in RULES.labels if any(start.startswith(label) for start in starts)),
    )


def _shown(message, footer, legal_name):
    """What the visible characters lack of the footer; of an SMS whose text is told, of that text."""
    text = message.get("text")
    if text is not None:
        words, url = _optout_words(text), "https://" in text
        yield from () if _one_spelling(legal_name) in _one_spelling(text) else [Reason.DISPLAY_NAME_MISSING]
        yield from () if url else [Reason.DISPLAY_OPTOUT_MISSING]
        yield from () if words else [Reason.DISPLAY_OPTOUT_WORDS_MISSING]
        return
    image, hidden = footer.get("as") == "image", _hides(footer.get("style", ""))
    nothing = image or hidden
    yield from [Reason.DISPLAY_IMAGE_ONLY] if image else []
    yield from [Reason.DISPLAY_NOT_RECOGNISABLE] if hidden else []
    name = footer.get("name", legal_name)
    if nothing or name is None or _one_spelling(legal_name) not in _one_spelling(name):
        yield Reason.DISPLAY_NAME_MISSING
    if nothing or footer.get("optout", "url") in (None, "header_only"):
        yield Reason.DISPLAY_OPTOUT_MISSING
    if nothing or not _optout_words(footer.get("optout_words", "配信停止") or ""):
        yield Reason.DISPLAY_OPTOUT_WORDS_MISSING
    if footer.get("optout_words_at", "adjacent") == "elsewhere" and not footer.get("reply_to_from_suffices"):
        yield Reason.DISPLAY_OPTOUT_WORDS_NOT_ADJACENT
    if nothing or (_absent(footer, "address") and not _points(footer)):
        yield Reason.DISPLAY_ADDRESS_MISSING
    if nothing or (_absent(footer, "contact") and not _pointer(footer.get("contact_link"))):
        yield Reason.DISPLAY_CONTACT_MISSING
    if any(_absent(footer, item) for item in ("phone", "responsible_person", "seller_email", "sales_terms")):
        yield Reason.DISPLAY_TOKUSHO_MISSING


def _absent(footer, item):
    return item in footer and footer[item] is None


def _points(footer):
    return _pointer(footer.get("address_link"))


def _pointer(text):
    return bool(text) and any(word in text for word in rules()["SE-14"].parameters["pointer_words"])


def _optout_words(text):
    folded = unicodedata.normalize("NFKC", text).casefold()
    return any(word in folded for word in rules()["SE-13"].parameters["words"])


def _one_spelling(name):
    """SE-12: NFKC, no spaces, and company forms shortened."""
    spelled = "".join(unicodedata.normalize("NFKC", name).split())
    for form, short in (("株式会社", "(株)"), ("有限会社", "(有)"), ("合同会社", "(同)")):
        spelled = spelled.replace(form, short)
    return spelled


def _hides(style):
    """LAW.md section 5, as far as the cases write it: known declarations, each with its limit."""
    for declaration in filter(None, map(str.strip, style.split(";"))):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        match name:
            case "display" | "visibility":
                return value in ("none", "hidden")
            case "opacity":
                return float(value) < 0.5
            case "font-size":
                return float(value.removesuffix("px")) < 8
            case "color" if value in ("#fff", "#ffffff", "#eee", "#cccccc"):
                return True
            case "color" if value in ("#000", "#333", "#333333"):
                pass
            case _:
                raise UnknownWord(f"style {declaration}")
    return False


def _beside(message):
    if "why_line" in message and message["why_line"] is None:
        yield Reason.WHY_LINE_MISSING
    labelled = message.get("pr_label") is not None
    paid = message.get("body_style") == "third_party_review" or message.get("about") == "ad_space"
    if paid and not labelled:
        yield Reason.PR_LABEL_MISSING


def _of_the_mail(message):
    headers, dkim, auth = message.get("headers"), message.get("dkim"), message.get("auth")
    if isinstance(headers, dict):
        _words(headers, "headers")
        if {"List-Unsubscribe", "List-Unsubscribe-Post"} & {
            name for name in headers if headers[name] is None
        }:
            yield Reason.HEADER_ONECLICK_MISSING
    if isinstance(dkim, dict):
        _words(dkim, "dkim")
        yield Reason.HEADER_DKIM_UNCOVERED
    if isinstance(auth, dict) and _words(auth, "auth")["dmarc"] in ("none", None):
        yield Reason.AUTH_DMARC_MISSING


def _person(case, given, message, told):
    recipient, now = given.get("recipient", {}), decided_at(case)
    kind, age = recipient.get("kind", "person"), recipient.get("age", "adult")
    country = recipient.get("country", case.get("jurisdiction", "JP"))
    sent = [body for body in told["sent"] if at(body["at"]) <= now]
    ads_sent = [body for body in sent if body.get("class", "advertising") == "advertising"]
    entries = [
        b for b in told["form_entry"] if b.get("by", "person") == "person" and b.get("box_checked", True)
    ]
    stops = [body for body in told["refusal"] if body.get("via") == "sms"]
    same = [
        at(body["at"])
        for body in ads_sent
        if body.get("topic", message.get("topic", "news")) == message.get("topic", "news")
        and body.get("channel", message.get("channel", "email")) == message.get("channel", "email")
    ]
    return PersonFacts(
        contact_id=1,
        address_invalid=any(body["is"] for body in told["address_invalid"]),
        address_generated=bool(told["generated"]),
        erased_at=_latest(told["erased"]),
        refusals=tuple(_refusal(body, message) for body in told["refusal"]),
        consents=_consents(told, message),
        last_sent_at=_latest(ads_sent),
        sent_ats=tuple(sorted(same, reverse=True)),
        asked_at=_unanswered(sent, "consent_request"),
        reconfirm_asked_at=_unanswered(sent, "reconfirm"),
        country=None if country == "unknown" else country,
        age_years=None if age == "adult" else age,
        zone=_zone(given.get("local_time", "10:00")),
        form_entry_at=_latest(entries),
        tracking_consent=message.get("tracking_consent", False),
        sms_stop_at=_latest(stops),
        is_person=kind == "person",
        bases=_bases(told, kind),
    )


def _zone(local_time):
    """The clock that shows `local_time` at the suite's now."""
    hour, minute = map(int, local_time.split(":"))
    utc = NOW.astimezone(UTC)
    ahead = (hour * 60 + minute) - (utc.hour * 60 + utc.minute)
    return timezone(timedelta(minutes=(ahead + 12 * 60) % (24 * 60) - 12 * 60))


def _consents(told, message):
    held = [_held(body, told, message) for body in told["consent"]]
    return tuple(sorted(held, key=lambda each: each.consent.since, reverse=True))


def _held(body, told, message):
    channels, topics = body.get("channels", ["email"]), body.get("topics", ["news"])
    if body.get("sender", "A") != message.get("sender", "A"):
        reach = Reach.SENDER
    elif message.get("channel", "email") not in channels:
        reach = Reach.CHANNEL
    elif message.get("topic", "news") not in topics:
        reach = Reach.TOPIC
    else:
        reach = Reach.COVERS
    frequency = _words(body["frequency"], "frequency") if body.get("frequency") else None
    since = at(body.get("at", "-P30D"))
    renewed = [at(body["reconfirmed"])] if body.get("reconfirmed") else []
    renewed += [
        at(sent["at"])
        for sent in told["sent"]
        if sent.get("class") == "reconfirm"
        and sent.get("answer")  # YAML reads a bare yes as true
        and sent.get("topic", message.get("topic", "news")) in topics
        and sent.get("channel", message.get("channel", "email")) in channels
    ]
    consent = Consent(
        ConsentState.ACTIVE,
        since,
        confirmed=body.get("confirmed", True),
        expires_at=at(body["expires"]) if body.get("expires") else None,
        last_contact_at=max(since, *renewed) if renewed else since,
        entry_id=None if body.get("evidence") == "none" else 7,
        flaw=_flaw(body),
        terms=Terms(
            purposes=frozenset(body.get("purposes", ["marketing"])),
            limit=Limit(frequency["max"], *span(frequency["per"])) if frequency else None,
            written=body.get("written", False),
            night=body.get("night", False),
            guardian=body.get("guardian", False),
        ),
    )
    return HeldConsent(consent, reach)


def _flaw(body):
    if body.get("box", "unchecked") == "checked_by_default":
        return Flaw.PRECHECKED
    if not body.get("express", True):
        return Flaw.DEEMED
    return {"incomplete": Flaw.INCOMPLETE, "tampered": Flaw.TAMPERED}.get(body.get("evidence"))


def _refusal(body, message):
    scope = Scope(body.get("scope", "all"))
    topic = topic_id(body.get("topic", message.get("topic", "news"))) if scope is Scope.TOPIC else None
    until = at(body["until"]) if scope is Scope.UNTIL else None
    return Refusal(scope, at(body.get("at", "PT0S")), topic, until)


def _bases(told, kind):
    cards, published, imported = told["business_card"], told["published"], told["import"]
    relationships, purchases = told["relationship"], sorted(told["purchase"], key=_since)
    return Bases(
        member=any(body["is"] for body in told["member"]),
        card_at=_latest(cards),
        card_refuses=any(refuses_advertising(body["words"]) for body in cards if "words" in body),
        oral_notice_at=_latest(told["oral_notice"]),
        third_party=_third_party(imported[0]) if imported else None,
        published=_published(published[0], kind) if published else None,
        relationship_active=relationships[0].get("active", True) if relationships else None,
        free_signup=any(body.get("is", True) for body in told["free_signup"]),
        purchase_at=_since(purchases[-1]) if purchases else None,
        refusal_offered=bool(purchases) and purchases[-1].get("refusal_offered_at_collection", False),
        enquiry_at=_latest(told["enquiry"]),
        contract_open=any(body["stage"] in ("accepted", "paid", "shipped") for body in told["contract"]),
    )


def _published(body, kind):
    if body.get("refusal_words"):
        return Published.REFUSING
    return Published.BY_PERSON if kind == "person" else Published.BY_BUSINESS


def _third_party(body):
    if body["from"] == "purchased_list":
        return ThirdParty.PURCHASED_LIST
    if not body.get("names_sender"):
        return ThirdParty.SENDER_NOT_NAMED
    proved = body.get("evidence") == "complete" and body.get("provision_record")
    return ThirdParty.PROVED if proved else ThirdParty.UNPROVED


def _unanswered(sent, message_class):
    return _latest([body for body in sent if body.get("class") == message_class and not body.get("answer")])


def _since(body):
    return at(body.get("at", "PT0S"))


def _latest(bodies):
    return max(map(_since, bodies), default=None)
