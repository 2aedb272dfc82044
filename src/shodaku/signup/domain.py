"""A sign-up form as it was published, what somebody wrote into it, and what a confirmation answers. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeAlias, assert_never

from shodaku.consent.domain import AppScreen, DeskPlace, Frequency, Method, Period
from shodaku.contacts.domain import AddressError, EmailAddress, UnfitName, clean_name, parse_email
from shodaku.signup.asked import (
    CHOICES_MAX,
    LABEL_CHARS_MAX,
    NOTHING_TOLD,
    OWN_FIELDS_MAX,
    OWN_KINDS,
    STANDARD,
    Answers,
    AskedFault,
    AskedField,
    FieldKind,
    UnfitFields,
    check_fields,
    fields_from_json,
    parse_answers,
    standard_field,
)
from shodaku.signup.hints import Hint, hints
from shodaku.signup.sites import UnfitSite, origin_of, parse_sites, parse_thanks

__all__ = [
    "ASKED_A_DAY_MAX",
    "ASKED_A_MONTH_MAX",
    "CHOICES_MAX",
    "CONFIRMATION_DAYS",
    "LABEL_CHARS_MAX",
    "MONTH_DAYS",
    "NOTHING_TOLD",
    "OWN_FIELDS_MAX",
    "OWN_KINDS",
    "STANDARD",
    "TOPICS_MAX",
    "AlreadyConfirmed",
    "Answer",
    "Answers",
    "AskedField",
    "Confirmed",
    "EmptyForm",
    "Expired",
    "Fault",
    "Field",
    "FieldKind",
    "FormDefinition",
    "Ground",
    "Hint",
    "IncompleteEvidence",
    "NewForm",
    "OfferedTopic",
    "Paragraph",
    "Published",
    "RequestState",
    "Shown",
    "ShownSender",
    "SignupFault",
    "SignupRequest",
    "Standing",
    "Typed",
    "UnfitFields",
    "UnfitSite",
    "Unknown",
    "WebEvidence",
    "Wording",
    "as_json",
    "canonical_form",
    "definition_as_json",
    "definition_from_json",
    "form_sha256",
    "from_json",
    "hints",
    "may_ask",
    "may_ask_again",
    "origin_of",
    "parse_signup",
    "parse_sites",
    "parse_thanks",
    "standard_field",
    "standing",
    "wording_of",
]

CONFIRMATION_DAYS: Final = 3  # LAW.md section 6
ASKED_A_DAY_MAX: Final = 1  # promise 16
ASKED_A_MONTH_MAX: Final = 3
MONTH_DAYS: Final = 30
TOPICS_MAX: Final = 50


class EmptyForm(ValueError):
    """A form needs a title and at least one topic of the workspace."""


class IncompleteEvidence(ValueError):
    """Part of what proves a consent is missing, so nothing was recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewForm:
    slug: str
    name: str
    sender_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FormDefinition:
    """What staff decide about a form. There is nothing here that could tick a box."""

    title: str
    title_en: str = ""
    introduction: str = ""
    introduction_en: str = ""
    topic_ids: tuple[int, ...] = ()
    ask_name: bool = True  # in one field, which may stay empty
    fields: tuple[AskedField, ...] = ()
    fields_purpose: str = ""  # what the answers are used for; "": the sentence of the product
    fields_purpose_en: str = ""
    incentive: str = ""  # what one gets for signing up; the same whichever boxes are ticked
    incentive_en: str = ""
    incentive_condition: str = ""  # when and how it is given
    incentive_condition_en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTopic:
    """A topic as the published form promises it; a later change of the topic does not reach back."""

    topic_id: int
    name: str
    name_en: str
    content: str
    purpose: str
    frequency_max: int
    frequency_per: str
    double_opt_in: bool
    valid_months: int | None

    @property
    def frequency(self) -> Frequency:
        return Frequency(self.frequency_max, Period(self.frequency_per))

    def title(self, language: str) -> str:
        return self.name_en if language == "en" and self.name_en else self.name

    def promise(self, language: str) -> str:
        """Second line of the box: what is sent, how often at most, what for."""
        often = self.frequency.text(language)
        if language == "ja":
            return f"{self.content}。メール、{often}。目的：{self.purpose}"
        return f"{self.content}. By e-mail, {often}. Purpose: {self.purpose}"


@dataclass(frozen=True, slots=True)
class Paragraph:
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Everything a person is told in one language; the page prints it and nothing else that binds."""

    language: str
    title: str
    introduction: str
    incentive: str
    choice: str  # above the boxes
    choice_hint: str
    boxes: tuple[Paragraph, ...]  # one a topic, in the order of the topics
    terms: tuple[Paragraph, ...]
    button: str
    privacy: str
    fields: tuple[Paragraph, ...] = ()  # label of each field, and whether it must be filled
    version: int = 0  # of the kept wording
    sha256: str = ""

    @property
    def text(self) -> str:
        """The page as text: what is kept, and what the hash in the evidence stands for."""
        boxes = [f"□ {box.title}\n{box.text}" for box in self.boxes]
        terms = [f"■ {term.title}\n{term.text}" for term in self.terms]
        head = (self.title, self.introduction, self.incentive, self.choice, self.choice_hint)
        fields = [f"＿ {field.title}\n{field.text}" for field in self.fields]
        parts = (*head, *boxes, *fields, *terms, self.privacy)
        return "\n\n".join(part for part in (*parts, f"[{self.button}]") if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSender:
    """Who sends, as the form names them (特定電子メール法4条; 個人情報保護法21条2項)."""

    sender_id: int
    formal_name: str
    display_name: str
    postal_address: str
    complaint_contact: str
    privacy_policy_version: str
    privacy_policy: str
    from_domain: str = ""  # that mail comes from; "" in versions of before it was shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One immutable version of a form."""

    definition: FormDefinition
    topics: tuple[OfferedTopic, ...]
    sender: ShownSender
    wordings: Mapping[str, Wording] = field(default_factory=dict)

    def wording(self, language: str) -> Wording:
        return self.wordings["en" if language == "en" else "ja"]

    def chosen(self, topic_ids: Sequence[int]) -> list[OfferedTopic]:
        return [topic for topic in self.topics if topic.topic_id in topic_ids]


def as_json(published: Published) -> dict[str, Any]:  # Any: JSON
    """What form_version stores; `from_json` reads it again."""
    return asdict(published)


def from_json(stored: Mapping[str, Any]) -> Published:  # Any: JSON that `as_json` wrote
    return Published(
        definition=definition_from_json(stored["definition"]),
        topics=tuple(OfferedTopic(**topic) for topic in stored["topics"]),
        sender=ShownSender(**stored["sender"]),
        wordings={language: _wording(each) for language, each in stored["wordings"].items()},
    )


def definition_as_json(definition: FormDefinition) -> dict[str, Any]:  # Any: JSON
    return asdict(definition)


def definition_from_json(stored: Mapping[str, Any]) -> FormDefinition:  # Any: JSON of the function above
    return FormDefinition(
        **{
            **stored,
            "topic_ids": tuple(stored["topic_ids"]),
            "fields": fields_from_json(stored.get("fields", ())),
        }
    )


def _wording(stored: Mapping[str, Any]) -> Wording:  # Any: JSON that `as_json` wrote
    boxes, terms, fields = (
        tuple(Paragraph(**paragraph) for paragraph in stored.get(part, ()))
        for part in ("boxes", "terms", "fields")
    )
    return Wording(**{**stored, "boxes": boxes, "terms": terms, "fields": fields})


def canonical_form(stored: Mapping[str, Any]) -> bytes:  # Any: JSON
    """What the hash of a form stands for: sorted names, no spaces, UTF-8."""
    return json.dumps(stored, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def form_sha256(stored: Mapping[str, Any]) -> str:  # Any: JSON
    return hashlib.sha256(canonical_form(stored)).hexdigest()


def wording_of(
    definition: FormDefinition, topics: Sequence[OfferedTopic], sender: ShownSender, language: str
) -> Wording:
    """The words of the form, from the definition, topics and sender. Raises EmptyForm, UnfitFields."""
    if not definition.title.strip() or not 1 <= len(topics) <= TOPICS_MAX:
        raise EmptyForm
    check_fields(definition.fields)
    english = language == "en"
    asks = any(topic.double_opt_in for topic in topics)
    return Wording(
        language=language,
        title=(english and definition.title_en) or definition.title,
        introduction=(english and definition.introduction_en) or definition.introduction,
        incentive=_incentive(definition, english=english),
        choice=_CHOICE[english][0],
        choice_hint=_CHOICE[english][1],
        boxes=tuple(Paragraph(topic.title(language), topic.promise(language)) for topic in topics),
        fields=tuple(_field(each, language) for each in definition.fields),
        terms=(*_terms(sender, english=english), *_fields_term(definition, english=english)),
        button=_BUTTONS[english, asks],
        privacy=sender.privacy_policy,
    )


_CHOICE: Final = {
    False: ("お届けするもの", "必要なものだけ選んでください。最初はどれも選ばれていません。"),
    True: ("What we send", "Tick only what you want. Nothing is ticked for you."),
}
_BUTTONS: Final = {
    (False, True): "選んだ案内を受け取る（確認メールへ進む）",
    (False, False): "選んだ案内を受け取る",
    (True, True): "Receive what I ticked (we send a mail to confirm)",
    (True, False): "Receive what I ticked",
}


def _incentive(definition: FormDefinition, *, english: bool) -> str:
    """What one gets, and when; nothing hangs on a purchase (EU-02, KH-01). Without English, in Japanese."""
    parts = (definition.incentive, definition.incentive_condition)
    if english and definition.incentive_en:
        parts = (definition.incentive_en, definition.incentive_condition_en)
    return "\n".join(filter(None, parts))


def _field(asked: AskedField, language: str) -> Paragraph:
    needed = _NEEDED[language == "en"][0 if asked.required else 1]
    choices = [shown for _kept, shown in asked.options(language)] if asked.choices else []
    return Paragraph(asked.title(language), " / ".join((needed, *choices)))


_NEEDED: Final = {False: ("必須", "任意"), True: ("required", "optional")}


def _fields_term(definition: FormDefinition, *, english: bool) -> tuple[Paragraph, ...]:
    """What is asked from a person is used for what they were told beforehand (個人情報保護法21条2項)."""
    if not definition.fields:
        return ()
    names = "、".join(each.label for each in definition.fields)
    if english:
        names = ", ".join(each.title("en") for each in definition.fields)
        purpose = definition.fields_purpose_en or (
            "Only to address you and to fit what you ticked above to you. Deleted when you ask for it."
        )
        return (Paragraph("What else you tell us is used for", f"{names}: {purpose}"),)
    purpose = definition.fields_purpose or (
        "宛名と、上で選んだ案内の内容を合わせるために使います。消去を求められたときは消します。"
    )
    return (Paragraph("そのほかの項目の使いみち", f"{names}：{purpose}"),)


def _terms(sender: ShownSender, *, english: bool) -> tuple[Paragraph, ...]:
    version = sender.privacy_policy_version
    if english:
        return (
            Paragraph(
                "Who sends", f"{sender.formal_name}, {sender.postal_address}. Nobody else's name is used."
            ),
            Paragraph(
                "What your address is used for",
                "Only to send what you ticked above, and to keep the record of your consent.",
            ),
            Paragraph(
                "What is recorded",
                "Time of your consent, the words of this page, your IP address and browser, and "
                f"version {version} of the privacy policy; kept at most until 3 years after the last mail.",
            ),
            Paragraph(
                "How to stop",
                "Every mail has a link that stops it with one press, without signing in. "
                "What you bought stays usable when you stop.",
            ),
        )
    return (
        Paragraph(
            "送る人",
            f"{sender.formal_name}（{sender.postal_address}）。ほかの会社の名前でお送りすることはありません。",
        ),
        Paragraph(
            "使いみち", "ご入力のアドレスは、上で選んだ案内を送るためと、その同意の記録のために使います。"
        ),
        Paragraph(
            "記録",
            "同意の日時、この画面の文面、接続元（IPアドレスとブラウザー）、"
            f"個人情報の取り扱いの版（{version}）を記録し、最後にお送りした日から最長3年間保存します。",
        ),
        Paragraph(
            "やめるとき",
            "どのメールからも、ログインなしの一度の操作で停止できます。登録をやめても、購入済みの商品は使えます。",
        ),
    )


class Field(StrEnum):
    TOPICS = "topics"
    EMAIL = "email"
    NAME = "name"


class SignupFault(StrEnum):
    NO_TOPIC = "no_topic"  # nothing ticked, or nothing that this form offers


Fault: TypeAlias = SignupFault | AddressError | AskedFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What arrived from the form, unread."""

    email: str
    name: str
    topics: tuple[str, ...]
    answers: Mapping[str, str] = field(default_factory=dict)  # by the name of the control


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Which page the person had before them."""

    workspace_id: int
    form_id: int
    version: int
    language: str
    published: Published
    form_sha256: str = ""  # of the version as it is stored; "": nothing was published yet
    source_no: int | None = None  # the poster by which they came


@dataclass(frozen=True, slots=True, kw_only=True)
class SignupRequest:
    shown: Shown
    address: EmailAddress
    name: str
    topics: tuple[OfferedTopic, ...]
    answers: Answers = NOTHING_TOLD


def parse_signup(typed: Typed, shown: Shown, latest: date | None = None) -> SignupRequest | dict[str, Fault]:
    """The request, or for each control that cannot be taken the reason. Nobody is born after `latest`."""
    definition = shown.published.definition
    answers, unfit = parse_answers(definition.fields, typed.answers, latest)
    faults: dict[str, Fault] = {**unfit}
    topics = [topic for topic in shown.published.topics if str(topic.topic_id) in typed.topics]
    if not topics:
        faults[Field.TOPICS] = SignupFault.NO_TOPIC
    try:
        address = parse_email(typed.email)
    except AddressError as fault:
        faults[Field.EMAIL] = fault
    try:
        name = clean_name(typed.name) if definition.ask_name else ""
    except UnfitName as fault:
        faults[Field.NAME] = fault
    if faults:
        return faults
    return SignupRequest(
        shown=shown, address=address, name=answers.name or name, topics=tuple(topics), answers=answers
    )


def may_ask(asked_at: Sequence[datetime], now: datetime) -> bool:
    """May one more confirmation go to this address? `asked_at` counts all workspaces of the installation."""
    day, month = now - timedelta(days=1), now - timedelta(days=MONTH_DAYS)
    today = sum(at > day for at in asked_at)
    return today < ASKED_A_DAY_MAX and sum(at > month for at in asked_at) < ASKED_A_MONTH_MAX


def may_ask_again(asked_at: Sequence[datetime], now: datetime, *, arrived: bool) -> bool:
    """As `may_ask`, for the second mail of one request: one that came back was received by nobody."""
    month = now - timedelta(days=MONTH_DAYS)
    if arrived:
        return may_ask(asked_at, now)
    return sum(at > month for at in asked_at) < ASKED_A_MONTH_MAX


class RequestState(StrEnum):
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    DECLINED = "declined"  # "that was not me"
    WITHDRAWN = "withdrawn"  # the person opted out before answering


class RequestWay(StrEnum):
    FORM = "form"  # boxes were ticked: the mail asks whether it was the owner of the address
    MAIL = "mail"  # an empty mail: the page behind the link asks for what is wanted


class Standing(StrEnum):
    """How a request stands when its link is opened."""

    OPEN = "open"
    EXPIRED = "expired"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


def standing(state: RequestState, expires_at: datetime, now: datetime) -> Standing:
    match state:
        case RequestState.CONFIRMED:
            return Standing.CONFIRMED
        case RequestState.DECLINED | RequestState.WITHDRAWN:
            return Standing.DECLINED
        case RequestState.REQUESTED:
            # a link that is exactly 3 days old still answers (LAW.md section 6: age > ttl is expired)
            return Standing.EXPIRED if now > expires_at else Standing.OPEN
        case unreachable:
            assert_never(unreachable)


@dataclass(frozen=True, slots=True)
class Confirmed:
    entry_id: int
    at: datetime
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expired:
    """The link is older than three days, or was answered with no in the meantime."""


@dataclass(frozen=True, slots=True)
class AlreadyConfirmed:
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not our link, or of a person who was erased."""


Answer: TypeAlias = Confirmed | Expired | AlreadyConfirmed | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class WebEvidence:
    """What a browser shows of an act on one of our pages."""

    url: str
    ip: str = ""
    browser: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppEvidence(WebEvidence):
    """What an app of the sender tells of an act on a screen of its own; there is no page of ours."""

    by: str  # the program that tells it
    screen: AppScreen


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskEvidence(WebEvidence):
    """A press on a tablet of ours."""

    by: str  # who opened the desk
    desk: DeskPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The page that was agreed to, as the evidence names it."""

    method: Method
    wording_version: int
    wording_sha256: str
    form_sha256: str
    policy_version: str
    policy: str
    page_sha256: str | None = None  # of the kept page in the language shown; None where there is none yet
    picture_sha256: str | None = None
