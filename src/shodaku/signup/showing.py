"""The page of a published form: for a visitor, and for the linter before it is published."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from shodaku.signup.domain import Shown
from shodaku.signup.forms import SignupForm


def form_context(shown: Shown, form: SignupForm, stamp: str) -> dict[str, Any]:  # Any: a template's
    return {
        "form": form,
        "wording": shown.published.wording(shown.language),
        "sender": shown.published.sender,
        "stamp": stamp,
        "policy_version": shown.published.sender.privacy_policy_version,
    }


def as_page(shown: Shown) -> str:
    """As everybody will see it, nothing typed and nothing ticked; without the links to other languages."""
    with translation.override(shown.language):
        context = {**form_context(shown, SignupForm(None, shown=shown), ""), "LANG": shown.language}
        return render_to_string("signup/form.html", context)
