"""The one mail that asks people of an import for their permission: a template, and whom it may go to.

施行規則2条1項2号 and LAW.md section 3: one mail, no advertising in it, to who gave a card, or agreed with
somebody else who named the sender. The gate holds it to that; here stands what it says.
"""

from __future__ import annotations

from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.campaigns.domain import NAME_CHARACTERS_MAX, NewCampaign
from shodaku.campaigns.draft import NoTopic, topic_of
from shodaku.consent.selectors import Topic
from shodaku.content.domain import without_slots
from shodaku.policy.domain import MessageClass
from shodaku.segments.domain import MayBeAskedFrom

_FIRST: Final = {
    ("ja", True): "名刺をお渡しいただき、ありがとうございました。",
    ("ja", False): "メールでのご案内に同意いただいたと伺い、ご連絡しました。",
    ("en", True): "thank you for giving us your business card.",
    ("en", False): "we were told that you agreed to hear from us by mail.",
}


def permission_request(
    workspace_id: int, batch_id: int, topic_id: int, form_url: str, *, cards: bool
) -> NewCampaign:
    """A campaign that asks whoever may be asked of this import; it is written, checked and sent as any other.

    `form_url` is where they say yes: a page with the wording, whose box is empty. Raises NoTopic.
    """
    topic = topic_of(workspace_id, topic_id)
    workspace, sender = accounts.workspace(workspace_id), accounts.sender(workspace_id, topic.sender_id)
    if workspace is None or sender is None:
        raise NoTopic
    language = "en" if workspace.locale == "en" else "ja"
    subject, text = _letter(sender.display_name or sender.formal_name, topic, form_url, language, cards=cards)
    return NewCampaign(
        name=subject[:NAME_CHARACTERS_MAX],
        topic_id=topic_id,
        subject=subject,
        text=text,
        conditions=(MayBeAskedFrom(batch_id),),
        message_class=MessageClass.CONSENT_REQUEST,
    )


def _letter(sender: str, topic: Topic, form_url: str, language: str, *, cards: bool) -> tuple[str, str]:
    name, title, first = without_slots(sender), without_slots(topic.title(language)), _FIRST[language, cards]
    promised = topic.frequency.text(language)
    if language == "en":
        text = (
            f"{{{{ name }}}},\n\n{first}\nMay we send you this by mail? We ask only once.\n\n"
            f"- {title} ({promised})\n\n"
            f"If you wish to receive it, please sign up on this page:\n{form_url}\n\n"
            "If you do nothing, you get nothing more from us."
        )
        return f"[{name}] May we write to you?", text
    text = (
        f"{{{{ name }}}}\n\n{first}\n"
        "次の案内をメールでお送りしてよいか、お尋ねします。このお願いは1度だけです。\n\n"
        f"・{title}（{promised}）\n\n"
        f"受け取ってくださる場合は、次のページでご登録ください。\n{form_url}\n\n"
        "ご登録がなければ、これ以上はお送りしません。"
    )
    return f"【{name}】メールをお送りしてよいか、お尋ねします", text
