"""What screens of the sender's own app say beside switches: a form for new words, how an app names them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from shodaku.consent.selectors import Topic
from shodaku.kit import runtime
from shodaku.policy.domain import Reason, explain
from shodaku.signup.services import APP_WORDING_CHARACTERS_MAX


class AppWordingForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("What stands beside the switch"),
        widget=forms.Textarea({"rows": 6}),
        max_length=APP_WORDING_CHARACTERS_MAX,
        help_text=gettext_lazy(
            "It names the sender and the purpose, and takes no silence for a yes. At most 5,000 characters."
        ),
    )

    def clean_text(self) -> str:
        """Lines as a program sends them, so that the same words are the same version."""
        text: str = self.cleaned_data["text"]
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def refuse(self, reasons: Sequence[Reason]) -> None:
        """Everything that is wrong with these words, at their field."""
        english = get_language() == "en"
        for told in map(explain, reasons):
            self.add_error("text", told.en if english else told.ja)


def example(version: int, topics: Sequence[Topic]) -> str:
    """A press as the app tells it, with this version and a topic that is offered; to be pasted."""
    slug = next((each.slug for each in topics if each.archived_at is None), "news")
    body: dict[str, Any] = {
        "address": "taro@mail.example",
        "topics": [slug],
        "wording": version,
        "app": _("Your app"),
        "app_version": "3.2.1",
        "screen": _("Settings"),
        "language": get_language() or "ja",
    }
    lines = [
        f"curl -X POST {runtime.current().public_url}/api/v1/consents/on \\",
        '  -H "Authorization: Bearer shodaku_…" \\',
        '  -H "Content-Type: application/json" \\',
        '  -H "Idempotency-Key: press-1" \\',
        f"  -d '{json.dumps(body, ensure_ascii=False, indent=2)}'",
    ]
    return "\n".join(lines)
