"""What an answer of the gate rests on, in words: the facts that are not the usual ones, since and until when.

It decides nothing: it tells, of one answer, what `decide` has looked at. No address and no name is in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final, assert_never

from shodaku.consent.domain import Consent, ConsentState, Flaw, Limit, add_months
from shodaku.policy.decision import Verdict
from shodaku.policy.facts import (
    AD_CLASSES,
    Ads,
    CampaignState,
    Facts,
    HeldConsent,
    MessageClass,
    MessageFacts,
    PersonFacts,
    Published,
    Reach,
    ThirdParty,
)
from shodaku.policy.permit import Permit
from shodaku.policy.reasons import Reason
from shodaku.policy.verdicts import Deferred, Refused
from shodaku.suppression.domain import Refusal, Scope

CONSENTS_TOLD_MAX: Final = 5
_LATEST_SCOPE: Final = {
    Reason.REFUSED_ALL: Scope.ALL,
    Reason.REFUSED_TOPIC: Scope.TOPIC,
    Reason.REFUSED_UNTIL: Scope.UNTIL,
}


class Word(StrEnum):
    """The answer in one word (LAW.md section 1)."""

    ALLOW = "allow"
    ALLOW_AS = "allow_as"  # only in the form that is named
    REFUSE = "refuse"
    DEFER = "defer"


@dataclass(frozen=True, slots=True)
class Used:
    """One fact in words; `code` is the same in every language."""

    code: str
    ja: str
    en: str


@dataclass(frozen=True, slots=True)
class Span:
    """Since when the answer is as it is, and until when; each only where a date says so."""

    since: datetime | None = None
    until: datetime | None = None
    entry_id: int | None = None  # of the consent behind it, whether it allows or lacks something


def word_of(verdict: Verdict) -> tuple[Word, tuple[str, ...]]:
    """The word, and the forms in which alone the message, or another in its place, may leave."""
    match verdict:
        case Permit():
            forms = (
                ("without_ads",) * verdict.without_ads
                + ("without_tracking",) * verdict.without_tracking
                + ("informational",) * (verdict.reason is Reason.OUTSIDE_SE_TREAT_AS_NEWS)
            )
            return (Word.ALLOW_AS, forms) if forms else (Word.ALLOW, ())
        case Refused(instead=None):
            return Word.REFUSE, ()
        case Refused(instead=instead):
            return Word.ALLOW_AS, (str(instead),)
        case Deferred():
            return Word.DEFER, ()
        case unreachable:
            assert_never(unreachable)


def span(facts: Facts, verdict: Verdict, now: datetime) -> Span:
    match verdict:
        case Permit(evidence_id=None):
            return Span()
        case Permit(evidence_id=entry_id):
            behind = next((each for each in _agreed(facts) if each.entry_id == entry_id), None)
            return Span(entry_id=entry_id) if behind is None else _of_consent(behind)
        case Deferred(until=until):
            return Span(_of_newest(facts).since, until, _of_newest(facts).entry_id)
        case Refused(reason=Reason.ERASED_NEVER_CONTACT):
            return Span(facts.person.erased_at)
        case Refused(reason=Reason.CONSENT_FREQUENCY):
            newest = _of_newest(facts)
            return Span(newest.since, _free_again(facts, now), newest.entry_id)
        case Refused(reason=reason):
            scope = _LATEST_SCOPE.get(reason) if isinstance(reason, Reason) else None
            return _of_newest(facts) if scope is None else _of_refusal(facts, scope, now)
        case unreachable:
            assert_never(unreachable)


def facts_used(facts: Facts, now: datetime, zone: tzinfo | None = None) -> tuple[Used, ...]:
    """Dates are days on the clock of `zone`, else of the recipient. A plain notice is asked little."""
    message, person = facts.message, facts.person
    clock = zone or person.zone
    used = [*_house(message), *_address(person, clock)]
    if message.message_class in AD_CLASSES:
        used += [
            *_refusals(person, message, now, clock),
            *_grounds(facts, now, clock),
            *_place(facts, now),
            *_sendings(facts, now, clock),
            *_list(message, person),
        ]
    elif message.ads is not Ads.NONE:
        used += [*_refusals(person, message, now, clock), *_contract(facts)]
    elif message.message_class is MessageClass.OPTOUT_RECEIPT:
        used += [*_stop(person, clock)]
    return tuple(used)


def _of_consent(consent: Consent) -> Span:
    return Span(consent.since, consent.expires_at, consent.entry_id)


def _of_newest(facts: Facts) -> Span:
    """Of the consent that covers the message, if there is one."""
    covering = (each.consent for each in facts.person.consents if each.reach is Reach.COVERS)
    consent = next(covering, None)
    return Span() if consent is None else _of_consent(consent)


def _agreed(facts: Facts) -> Iterator[Consent]:
    for held in facts.person.consents:
        yield from held.consent.agreements


def _of_refusal(facts: Facts, scope: Scope, now: datetime) -> Span:
    same = [each for each in _standing(facts.person, facts.message, now) if each.scope is scope]
    latest = max(same, key=lambda refusal: refusal.until or refusal.at, default=None)
    return Span() if latest is None else Span(latest.at, latest.until)


def _standing(person: PersonFacts, message: MessageFacts, now: datetime) -> list[Refusal]:
    """Refusals that speak of this message and have not ended; a later consent may still lift them."""
    return [
        each
        for each in person.refusals
        if each.topic_id in (None, message.topic_id) and (each.until is None or now < each.until)
    ]


def _limits(facts: Facts) -> list[Limit]:
    """The promise, and what the person asked for since; the narrowest first."""
    covering = next((each.consent for each in facts.person.consents if each.reach is Reach.COVERS), None)
    terms = None if covering is None else covering.terms
    promised = facts.message.limit if terms is None or terms.limit is None else terms.limit
    both = (promised, None if terms is None else terms.fewer)
    return sorted((each for each in both if each is not None), key=lambda limit: limit.a_year)


def _counted(facts: Facts, limit: Limit, now: datetime) -> Sequence[datetime]:
    """What counts against the limit, newest first."""
    return [at for at in facts.person.sent_ats if at > limit.counted_after(now)]


def _free_again(facts: Facts, now: datetime) -> datetime | None:
    """When the oldest message that still fills a limit does not count any more."""
    return max(filter(None, (_free(facts, limit, now) for limit in _limits(facts))), default=None)


def _free(facts: Facts, limit: Limit, now: datetime) -> datetime | None:
    counted = _counted(facts, limit, now)
    if not 1 <= limit.max <= len(counted):
        return None
    oldest = counted[limit.max - 1]
    free = add_months(oldest, limit.months) + limit.days
    while limit.counted_after(free) < oldest:  # months have ends: 31 January + 1 month is too early
        free += timedelta(days=1)
    return free


def _house(message: MessageFacts) -> Iterator[Used]:
    if message.gate_closed:
        yield Used("gate_closed", "復元のあと、送信を止めています", "sending is shut after a restore")
    match message.campaign_state:
        case CampaignState.RUNNING:
            pass
        case CampaignState.PAUSED:
            yield Used("paused", "一斉配信は一時停止中です", "the campaign is paused")
        case CampaignState.CANCELLED:
            yield Used("cancelled", "一斉配信は取りやめです", "the campaign is cancelled")
        case unreachable:
            assert_never(unreachable)
    if message.head_fault is not None:
        code = message.head_fault.value
        yield Used("head", f"件名または差出人の誤り（{code}）", f"fault in subject or sender ({code})")


def _address(person: PersonFacts, clock: tzinfo) -> Iterator[Used]:
    if person.address_generated:
        yield Used("generated", "プログラムが作った宛先です", "a program made the address up")
    if person.address_invalid:
        yield Used("invalid", "届かない宛先です", "the address does not work")
    if person.erased_at is not None:
        on = _day(person.erased_at, clock)
        yield Used("erased", f"{on}から、連絡禁止の一覧にあります", f"on the never-contact list since {on}")


def _refusals(person: PersonFacts, message: MessageFacts, now: datetime, clock: tzinfo) -> Iterator[Used]:
    standing = _standing(person, message, now)
    if not standing:
        yield Used("no_refusal", "配信停止の申し出なし", "no refusal")
    for refusal in standing:
        yield _refusal(refusal, clock)


def _refusal(refusal: Refusal, clock: tzinfo) -> Used:
    on = _day(refusal.at, clock)
    match refusal.scope:
        case Scope.ALL:
            return Used("refused_all", f"{on}に、すべての配信停止", f"everything refused on {on}")
        case Scope.TOPIC:
            return Used("refused_topic", f"{on}に、この種類の配信停止", f"this topic refused on {on}")
        case Scope.UNTIL:
            end = _day(refusal.until or refusal.at, clock)
            return Used(
                "paused_by_person", f"{on}に、{end}までお休み", f"a pause until {end}, asked for on {on}"
            )
        case unreachable:
            assert_never(unreachable)


def _grounds(facts: Facts, now: datetime, clock: tzinfo) -> Iterator[Used]:
    """Consents alone decide about advertising where there is any; a request looks at the rest as well."""
    person, message = facts.person, facts.message
    for held in person.consents[:CONSENTS_TOLD_MAX]:
        yield _consent(held, clock)
    if not person.consents:
        yield Used("no_consent", "同意の記録なし", "no consent")
    if not person.consents or message.message_class is MessageClass.CONSENT_REQUEST:
        yield from _bases(facts, clock)
        yield from _asked(person, now, clock)
    if message.message_class is MessageClass.RECONFIRM and person.reconfirm_asked_at is not None:
        on = _day(person.reconfirm_asked_at, clock)
        yield Used("reconfirm_asked", f"{on}に再確認のメールを送信済み", f"asked again on {on}")


def _consent(held: HeldConsent, clock: tzinfo) -> Used:
    consent = held.consent
    on = "?" if consent.since is None else _day(consent.since, clock)
    match consent.state:
        case ConsentState.ACTIVE:
            return _agreement(held, on, clock)
        case ConsentState.PENDING:
            return Used("asked", f"{on}に確認メールを依頼、回答なし", f"asked for on {on}, not confirmed")
        case ConsentState.WITHDRAWN:
            return Used("withdrawn", f"{on}に同意の取り消し", f"consent withdrawn on {on}")
        case ConsentState.EXPIRED:
            return Used("expired", f"{on}に同意が終了", f"consent ended on {on}")
        case ConsentState.NEVER:
            return Used("no_consent", "同意の記録なし", "no consent")
        case unreachable:
            assert_never(unreachable)


def _agreement(held: HeldConsent, on: str, clock: tzinfo) -> Used:
    consent = held.consent
    entry = consent.entry_id
    ja = [f"{on}の同意", "確認済み" if consent.confirmed else "確認メールなし"]
    en = [f"consent of {on}", "confirmed" if consent.confirmed else "not confirmed"]
    ja.append("台帳の記録なし" if entry is None else f"台帳の記録 #{entry}")
    en.append("no ledger entry" if entry is None else f"ledger entry #{entry}")
    if consent.last_contact_at is not None and consent.last_contact_at != consent.since:
        renewed = _day(consent.last_contact_at, clock)
        ja.append(f"{renewed}に更新")
        en.append(f"renewed on {renewed}")
    if consent.expires_at is not None:
        end = _day(consent.expires_at, clock)
        ja.append(f"期限 {end}")
        en.append(f"promised until {end}")
    if held.reach is not Reach.COVERS:
        ja.append(_REACH[held.reach][0])
        en.append(_REACH[held.reach][1])
    if consent.flaw is not None:
        ja.append(_FLAWS[consent.flaw][0])
        en.append(_FLAWS[consent.flaw][1])
    return Used("consent", "、".join(ja), ", ".join(en))


_REACH: Final = {
    Reach.SENDER: ("ほかの送信者への同意", "for another sender"),
    Reach.CHANNEL: ("ほかの手段への同意", "for another channel"),
    Reach.TOPIC: ("ほかの種類への同意", "for another topic"),
}
_FLAWS: Final = {
    Flaw.PRECHECKED: ("最初からチェック済みの欄", "the box was ticked beforehand"),
    Flaw.DEEMED: ("断らなかっただけ", "read into silence"),
    Flaw.INCOMPLETE: ("証拠が不足", "its evidence has holes"),
    Flaw.TAMPERED: ("台帳の記録が改変", "its entry was altered"),
}


def _bases(facts: Facts, clock: tzinfo) -> Iterator[Used]:
    bases = facts.person.bases
    if bases.member:
        yield Used("member", "会員", "a member")
    if bases.card_at is not None:
        on, words = _day(bases.card_at, clock), bases.card_refuses
        yield Used(
            "card",
            f"{on}に受け取った名刺" + ("、広告お断りの記載あり" if words else ""),
            f"business card of {on}" + (", with words that refuse advertising" if words else ""),
        )
    if bases.oral_notice_at is not None:
        on = _day(bases.oral_notice_at, clock)
        yield Used("oral_notice", f"{on}に口頭で知らされた宛先", f"address told by word of mouth on {on}")
    if bases.third_party is not None:
        yield Used("third_party", *_THIRD_PARTY[bases.third_party])
    if bases.published is not None:
        yield Used("published", *_PUBLISHED[bases.published])
    if bases.relationship_active is not None:
        running = bases.relationship_active
        yield Used(
            "relationship",
            "契約が続いています" if running else "契約は終わっています",
            "a contract that runs" if running else "a contract that ended",
        )
    if bases.free_signup:
        yield Used("free_signup", "無料の会員登録", "an account without a sale")
    if bases.purchase_at is not None:
        on = _day(bases.purchase_at, clock)
        yield Used("purchase", f"{on}の購入", f"purchase of {on}")
    if bases.enquiry_at is not None:
        on = _day(bases.enquiry_at, clock)
        yield Used("enquiry", f"{on}の問い合わせ", f"enquiry of {on}")


_THIRD_PARTY: Final = {
    ThirdParty.PURCHASED_LIST: ("購入した名簿", "a purchased list"),
    ThirdParty.SENDER_NOT_NAMED: (
        "他社が得た同意、送信者の名なし",
        "a consent others took, sender not named",
    ),
    ThirdParty.UNPROVED: ("他社が得た同意、証拠が不足", "a consent others took, not proved"),
    ThirdParty.PROVED: ("他社が得た同意、証拠あり", "a consent others took, proved"),
}
_PUBLISHED: Final = {
    Published.BY_BUSINESS: ("事業者が公表した宛先", "an address published by a business"),
    Published.BY_PERSON: ("個人が公表した宛先", "an address published by a person"),
    Published.REFUSING: ("広告お断りと公表された宛先", "a published address that refuses advertising"),
}


def _asked(person: PersonFacts, now: datetime, clock: tzinfo) -> Iterator[Used]:
    if person.form_entry_at is not None and person.form_entry_at <= now:
        on = _day(person.form_entry_at, clock)
        yield Used("form_entry", f"{on}に本人がフォームから申し込み", f"the person sent a form on {on}")
    if person.asked_at is not None:
        on = _day(person.asked_at, clock)
        yield Used("permission_asked", f"{on}に許可のお願いを送信済み", f"permission asked for on {on}")


def _place(facts: Facts, now: datetime) -> Iterator[Used]:
    person, message = facts.person, facts.message
    place = message.pack.jurisdiction(person.country)
    if person.country is None:
        yield Used("country", "国は不明、もっともきびしい規則", "country unknown: the strictest rules hold")
    else:
        yield Used(
            "country",
            f"国 {person.country}（{place.code}の規則）",
            f"country {person.country}, rules of {place.code}",
        )
    if person.age_years is not None and place.minor_age is not None and person.age_years < place.minor_age:
        yield Used("minor", f"{place.minor_age}歳未満", f"younger than {place.minor_age}")
    if message.mail_order:
        yield Used(
            "mail_order",
            "通信販売の相手は個人" if person.is_person else "通信販売の相手は事業者",
            "mail order to a consumer" if person.is_person else "mail order to a business",
        )
    if place.quiet(message.channel) is not None:
        local = f"{now.astimezone(person.zone):%H:%M}"
        yield Used("local_time", f"相手の時計で{local}", f"{local} on the recipient's clock")


def _sendings(facts: Facts, now: datetime, clock: tzinfo) -> Iterator[Used]:
    person = facts.person
    last = max(filter(None, (person.last_sent_at, *person.sent_ats[:1])), default=None)
    if last is not None:
        on = _day(last, clock)
        yield Used("last_sent", f"直近の広告 {on}", f"last advertising {on}")
    if facts.message.message_class not in (MessageClass.ADVERTISING, MessageClass.SURVEY):
        return
    for limit in _limits(facts)[:1]:
        count, (ja, en) = len(_counted(facts, limit, now)), _window(limit)
        yield Used("frequency", f"{ja}に{count}通（上限{limit.max}通）", f"{count} of {limit.max} in {en}")


def _window(limit: Limit) -> tuple[str, str]:
    days = limit.days.days
    ja = [f"{limit.months}か月"] * (limit.months > 0) + [f"{days}日"] * (days > 0)
    en = [_many(limit.months, "month")] * (limit.months > 0) + [_many(days, "day")] * (days > 0)
    return "と".join(ja), " and ".join(en)


def _many(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _list(message: MessageFacts, person: PersonFacts) -> Iterator[Used]:
    if not message.double_opt_in:
        yield Used("single_opt_in", "確認メールなしで足りる種類", "a topic that asks for no confirmation")
    if message.complaint_rate > 0:
        rate = f"{message.complaint_rate:.2%}"
        over = message.complaint_rate > message.pack.complaint_rate_max
        told = over and message.complaint_rate_released
        yield Used(
            "complaint_rate",
            f"苦情の割合 {rate}" + ("、担当者が再開" if told else ""),
            f"complaint rate {rate}" + (", released by an operator" if told else ""),
        )
    if message.display.missing:
        codes = ", ".join(reason.value for reason in message.display.missing)
        yield Used("display", f"本文に足りない表示: {codes}", f"missing in the message: {codes}")
    if message.open_pixel or message.click_links:
        yield Used(
            "tracking",
            "計測に同意あり" if person.tracking_consent else "計測に同意なし",
            "agreed to measuring" if person.tracking_consent else "no consent to measuring",
        )
    switches = [name for name in message.switches.__slots__ if getattr(message.switches, name)]
    if switches:
        names = ", ".join(switches)
        yield Used("switches", f"使っている例外: {names}", f"exemptions switched on: {names}")


def _contract(facts: Facts) -> Iterator[Used]:
    running = facts.person.bases.contract_open
    yield Used(
        "contract",
        "取引の途中です" if running else "途中の取引はありません",
        "a contract under way" if running else "no contract under way",
    )


def _stop(person: PersonFacts, clock: tzinfo) -> Iterator[Used]:
    if person.sms_stop_at is not None:
        on = _day(person.sms_stop_at, clock)
        yield Used("stop", f"{on}にSMSで停止", f"STOP by text message on {on}")


def _day(at: datetime, clock: tzinfo) -> str:
    return f"{at.astimezone(clock):%Y-%m-%d}"
