"""Posters of a sign-up form: each is a place, with a short address and figures of its own."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts.domain import Act
from shodaku.console import inert, ledger_words
from shodaku.console.frame import place
from shodaku.console.guard import Visitor, allowed
from shodaku.kit import clock, runtime
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.signup import selectors, services

LANGUAGES = ("ja", "en")


class PosterForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Where it will hang"),
        max_length=100,
        help_text=gettext_lazy("Only you see it, such as: till of the Ginza shop."),
    )


@require_POST
@allowed(Act.EDIT_FORMS)
def add(request: HttpRequest, visitor: Visitor, form_id: int) -> HttpResponse:
    here = redirect(place(visitor, "form", form_id) + "#posters")
    typed = PosterForm(request.POST)
    if not any(each.form_id == form_id and each.version for each in selectors.forms(visitor.workspace_id)):
        raise Http404
    if not typed.is_valid():
        messages.error(request, _("Write where the poster will hang, in at most 100 characters."))
        return here
    try:
        services.add_source(visitor.workspace_id, form_id, typed.cleaned_data["name"], now=clock.now())
    except WrongUse:
        messages.error(request, _("This form has 500 posters already. Make another form for more."))
    return here


@require_safe
@allowed(Act.READ)
def poster(
    request: HttpRequest, visitor: Visitor, form_id: int, source_no: int, size: str, language: str
) -> HttpResponse:
    """Of the newest version. Looking at it again gives the same bytes, but for the time of making."""
    known = next((each for each in selectors.forms(visitor.workspace_id) if each.form_id == form_id), None)
    sources = selectors.sources(visitor.workspace_id, form_id)
    source = next((each for each in sources if each.source_no == source_no), None)
    version = selectors.form_version(visitor.workspace_id, form_id, known.version) if known else None
    if known is None or source is None or version is None or language not in LANGUAGES:
        raise Http404
    if size not in tuple(services.PaperSize):
        raise Http404
    mail = services.form_mail(visitor.workspace_id, form_id)
    wanted = services.Poster(
        published=version.published,
        version=version.version,
        address=short_address(visitor, source.code),
        mail=mail.address if mail is not None and mail.closed_at is None else "",
        language=language,
        size=services.PaperSize(size),
    )
    try:
        pdf = services.poster_pdf(
            wanted, made_at=clock.now().astimezone(ZoneInfo(visitor.workspace.timezone))
        )
    except ShodakuError as fault:
        messages.error(request, str(ledger_words.told(fault)))
        return redirect(place(visitor, "form", form_id) + "#posters")
    return inert.attached(pdf, "application/pdf", f"{known.slug}-{source.code}-{size}-{language}.pdf")


def short_address(visitor: Visitor, code: str) -> str:
    return f"{runtime.current().public_url}{reverse('signup_poster', args=[visitor.workspace.slug, code])}"
