"""The words of a form on paper: its boxes and promises, and terms that are true of paper. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from shodaku.signup.domain import OfferedTopic, Paragraph, Published, ShownSender


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperWording:
    """Everything that stands on the sheet in one language, and nothing else that binds."""

    language: str
    title: str
    introduction: str
    incentive: str
    choice: str  # above the boxes
    choice_hint: str
    boxes: tuple[Paragraph, ...]  # one a topic, in the order of the topics; none is ticked
    lines: tuple[str, ...]  # what is written in by hand
    terms: tuple[Paragraph, ...]
    privacy: str

    @property
    def text(self) -> str:
        """The sheet as text: what is kept, and what the hash in the evidence stands for."""
        boxes = [f"□ {box.title}\n{box.text}" for box in self.boxes]
        terms = [f"■ {term.title}\n{term.text}" for term in self.terms]
        head = (self.title, self.introduction, self.incentive, self.choice, self.choice_hint)
        lines = "\n".join(f"{line}: ____" for line in self.lines)
        return "\n\n".join(part for part in (*head, *boxes, lines, *terms, self.privacy) if part)


def paper_wording(published: Published, language: str) -> PaperWording:
    """Of a published version: its boxes and promises as they are, and terms that are true of paper."""
    english = language == "en"
    definition, web = published.definition, published.wording(language)
    lines = _LINES[english] if definition.ask_name else _LINES[english][1:]
    return PaperWording(
        language=language,
        title=web.title,
        introduction=web.introduction,
        incentive=web.incentive,
        choice=web.choice,
        choice_hint=_HINT[english],
        boxes=web.boxes,
        lines=lines,
        terms=_terms(published.sender, published.topics, english=english),
        privacy=web.privacy,
    )


_HINT: Final = {
    False: "受け取りたいものだけ、□に✓を付けてください。付けなかったものは届きません。",
    True: "Tick the boxes of what you want. What you do not tick is not sent.",
}
_LINES: Final = {
    False: ("お名前", "メールアドレス", "日付（年・月・日）", "担当者（店舗記入欄）"),
    True: ("Name", "E-mail address", "Date (year, month, day)", "Taken by (for the shop)"),
}


def _terms(sender: ShownSender, topics: Sequence[OfferedTopic], *, english: bool) -> tuple[Paragraph, ...]:
    asks, version = any(topic.double_opt_in for topic in topics), sender.privacy_policy_version
    if english:
        confirmed = " We first send one mail that asks you to confirm; without your answer nothing follows."
        return (
            Paragraph(
                "Who sends", f"{sender.formal_name}, {sender.postal_address}. Nobody else's name is used."
            ),
            Paragraph(
                "What your address is used for",
                "Only to send what you ticked above, and to keep the record of your consent."
                + (confirmed if asks else ""),
            ),
            Paragraph(
                "What is recorded",
                "This sheet as a picture, what you wrote on it, who keyed it in and when, and "
                f"version {version} of the privacy policy; kept at most until 3 years after the last mail.",
            ),
            Paragraph(
                "How to stop",
                "You can stop at any time: every mail has a link that stops it with one press, without "
                f"signing in. Or tell us: {sender.complaint_contact}.",
            ),
        )
    confirmed = "はじめに確認のメールを1通お送りします。お返事がなければ、何もお送りしません。"
    return (
        Paragraph(
            "送る人",
            f"{sender.formal_name}（{sender.postal_address}）。ほかの会社の名前でお送りすることはありません。",
        ),
        Paragraph(
            "使いみち",
            "ご記入のアドレスは、上で選んだ案内を送るためと、その同意の記録のために使います。"
            + (confirmed if asks else ""),
        ),
        Paragraph(
            "記録",
            "この用紙の画像、ご記入の内容、入力した者と日時、"
            f"個人情報の取り扱いの版（{version}）を記録し、最後にお送りした日から最長3年間保存します。",
        ),
        Paragraph(
            "やめるとき",
            "いつでも停止できます。どのメールからも、ログインなしの一度の操作で停止できます。"
            f"次の窓口でも承ります：{sender.complaint_contact}",
        ),
    )


def wording_json(wording: PaperWording) -> dict[str, Any]:  # Any: JSON
    """What form_sheet stores; `wording_of_json` reads it again."""
    return asdict(wording)


def wording_of_json(stored: Mapping[str, Any]) -> PaperWording:  # Any: JSON that `wording_json` wrote
    boxes, terms = (tuple(Paragraph(**each) for each in stored[part]) for part in ("boxes", "terms"))
    return PaperWording(**{**stored, "boxes": boxes, "terms": terms, "lines": tuple(stored["lines"])})
