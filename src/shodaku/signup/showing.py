"""The page of a published form: for a visitor, for the linter before it is published, and to be kept."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils import translation

from shodaku.kit.errors import ShodakuError
from shodaku.kit.ui.templatetags.ui import PACKAGE, asset, manifest
from shodaku.signup.domain import Shown
from shodaku.signup.forms import SignupForm
from shodaku.signup.reception import hint

# opened from a folder in ten years, it loads nothing, runs nothing and sends nothing
_INERT: Final = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">"
)


class NotAlone(ShodakuError):
    """The page of the form cannot be made into one file that opens alone."""

    code = "page_not_alone"


def form_context(shown: Shown, form: SignupForm, stamp: str) -> dict[str, Any]:  # Any: a template's
    definition = shown.published.definition
    return {
        "form": form,
        "wording": shown.published.wording(shown.language),
        "sender": shown.published.sender,
        "stamp": stamp,
        "reception": hint(shown.published.sender.from_domain),
        "incentive_language": "en" if shown.language == "en" and definition.incentive_en else "ja",
        "policy_version": shown.published.sender.privacy_policy_version,
    }


def as_page(shown: Shown) -> str:
    """As everybody will see it, nothing typed and nothing ticked; without the links to other languages."""
    with translation.override(shown.language):
        context = {**form_context(shown, SignupForm(None, shown=shown), ""), "LANG": shown.language}
        return render_to_string("signup/form.html", context)


def as_document(shown: Shown) -> str:
    """`as_page` with its style sheet and its icon inside. The same form gives the same bytes.

    Raises NotAlone when something would still have to be loaded: a template that brings more has to say how.
    """
    style, icon = asset("app.css"), asset("seal.svg")
    inside = {
        f'<link rel="stylesheet" href="{style}">': f"{_INERT}\n<style>{built('app.css').decode()}</style>",
        f'<link rel="icon" href="{icon}" type="image/svg+xml">': (
            '<link rel="icon" href="data:image/svg+xml;base64,'
            f'{b64encode(built("seal.svg")).decode()}" type="image/svg+xml">'
        ),
    }
    document = as_page(shown)
    for outside, alone in inside.items():
        if document.count(outside) != 1:
            raise NotAlone(hint=outside)
        document = document.replace(outside, alone)
    if "<script" in document or ' src="' in document or document.count("<link") != 1:
        raise NotAlone
    return document


def built(name: str) -> bytes:
    return (PACKAGE / "static" / "ui" / manifest()[name]).read_bytes()
