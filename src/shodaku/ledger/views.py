"""The page where anybody has a proof checked, and the program that checks it without us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from shodaku.kit import clock
from shodaku.kit.ui.csp import public_page
from shodaku.kit.ui.uploads import InMemory
from shodaku.ledger import selectors
from shodaku.ledger.forms import ProofForm
from shodaku.ledger.verify import (
    BUNDLE_BYTES_MAX,
    Entry,
    Refused,
    Report,
    Words,
    check,
    field_in_words,
    hour_in_words,
    kind_in_words,
    listed,
    named_log,
    not_proven,
    proven,
    read_bundle,
    read_key,
    too_large,
    value_in_words,
)

FRAME_BYTES_MAX: Final = 256 * 1024  # the other fields of the form and its boundaries
SHOWN_ENTRIES_MAX: Final = 200
TOO_LARGE: Final = 413
UNREADABLE: Final = 400
REFUSED_FORM: Final = 422


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry in the language of the page."""

    index: int
    kind: str
    hour: str
    fields: Sequence[tuple[str, str]]
    withheld: str


@method_decorator(csrf_exempt, name="dispatch")  # nothing is changed and no cookie is read: nothing to forge
class VerifyView(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return _form_page(request, ProofForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        # the web server takes no larger body in (config.body_limit); here it would not be read as a form
        if _bytes_announced(request) > BUNDLE_BYTES_MAX + FRAME_BYTES_MAX:
            return _form_page(request, ProofForm(), too_large().sentence(request.LANGUAGE_CODE), TOO_LARGE)
        request.upload_handlers = [InMemory(request)]
        try:
            form = ProofForm(request.POST, request.FILES)
        except (MultiPartParserError, SuspiciousOperation, UnreadablePostError):
            sentence = _("The file did not arrive whole. Please send it once more.")
            return _form_page(request, ProofForm(), sentence, UNREADABLE)
        if not form.is_valid():
            return _form_page(request, form, status=REFUSED_FORM)
        return _answer(request, form)


@require_safe
def verifier(_request: HttpRequest) -> HttpResponse:
    """The program itself, for everybody who would rather not ask us."""
    return HttpResponse(
        _source(),
        content_type="text/x-python; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="shodaku-verify.py"'},
    )


def _answer(request: HttpRequest, form: ProofForm) -> HttpResponse:
    said = form.cleaned_data
    try:
        bundle = read_bundle(said["bundle"].read())
        logs = said["logs"] or selectors.keys_of_origin(named_log(bundle))
        if not logs:
            form.add_error("keys", _("This server does not hold the ledger of this proof. Enter its key."))
            return _form_page(request, form, status=REFUSED_FORM)
        report = check(
            bundle,
            logs,
            said["witnesses"],
            needed=len({read_key(each).name for each in said["witnesses"]}),
            earlier=said["earlier"] if said["earlier"].strip() else None,
            now=int(clock.now().timestamp()),
        )
    except Refused as refused:
        return _answer_page(request, form, {"refusal": refused.sentence(request.LANGUAGE_CODE)})
    return _answer_page(request, form, _told(report, request.LANGUAGE_CODE))


def _told(report: Report, language: str) -> dict[str, object]:
    def in_words(sentences: Sequence[Words]) -> list[str]:
        return [words.spoken(language) for words in sentences]

    return {
        "report": report,
        "proven": in_words(proven(report)),
        "not_proven": in_words(not_proven(report)),
        "entries": [_shown(entry, language) for entry in report.entries[:SHOWN_ENTRIES_MAX]],
        "more": max(0, len(report.entries) - SHOWN_ENTRIES_MAX),
    }


def _shown(entry: Entry, language: str) -> ShownEntry:
    return ShownEntry(
        index=entry.index,
        kind=kind_in_words(entry.kind, language),
        hour=hour_in_words(entry.hour, language),
        fields=[
            (field_in_words(name, language), value_in_words(value, language))
            for name, value in entry.values.items()
        ],
        withheld=listed([field_in_words(name, language) for name in entry.withheld], language),
    )


def _form_page(
    request: HttpRequest, form: ProofForm, fault: str = "", status: int = HttpResponse.status_code
) -> HttpResponse:
    context = {"form": form, "fault": fault}
    return public_page(render(request, "ledger/verify.html", context, status=status))


def _answer_page(request: HttpRequest, form: ProofForm, told: dict[str, object]) -> HttpResponse:
    context = {**told, "own_key": not form.cleaned_data["logs"]}
    return public_page(render(request, "ledger/verified.html", context))


@cache
def _source() -> bytes:
    return files("shodaku.ledger").joinpath("verify.py").read_bytes()


def _bytes_announced(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0  # Django reads no body then
