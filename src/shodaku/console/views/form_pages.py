"""How a form was shown, in each version and language: its page as one document, and its picture."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language_info
from django.views.decorators.http import require_safe

from shodaku.accounts.domain import Act
from shodaku.console import inert
from shodaku.console.frame import show
from shodaku.console.guard import Visitor, allowed
from shodaku.kit.ui import csp
from shodaku.signup import selectors


@require_safe
@allowed(Act.READ)
def page(request: HttpRequest, visitor: Visitor, form_id: int, version: int, language: str) -> HttpResponse:
    kept = _form(visitor, form_id)
    found = selectors.page(visitor.workspace_id, form_id, version, language)
    published = selectors.form_version(visitor.workspace_id, form_id, version)
    if found is None or published is None:
        raise Http404
    context = {
        "kept": kept,
        "page": found,
        "published": published,
        "made_later": found.rendered_at > published.published_at,
        "language": get_language_info(found.language)["name_local"],
    }
    response = show(request, visitor, "console/form_page.html", context, current="forms")
    return csp.allow(response, {"frame-src": "'self'"})


@require_safe
@allowed(Act.READ)
def preview(
    _request: HttpRequest, visitor: Visitor, form_id: int, version: int, language: str
) -> HttpResponse:
    """Inside a sandboxed frame, as a mail."""
    return csp.preview(HttpResponse(_html(visitor, form_id, version, language)))


@require_safe
@allowed(Act.READ)
def document(
    _request: HttpRequest, visitor: Visitor, form_id: int, version: int, language: str
) -> HttpResponse:
    """The very bytes that the hash in the ledger is of."""
    html = _html(visitor, form_id, version, language)
    name = f"{_form(visitor, form_id).slug}-{version}-{language}.html"
    return inert.attached(html, "text/html; charset=utf-8", name)


@require_safe
@allowed(Act.READ)
def picture(
    _request: HttpRequest, visitor: Visitor, form_id: int, version: int, language: str
) -> HttpResponse:
    png = selectors.page_picture(visitor.workspace_id, form_id, version, language)
    if png is None:
        raise Http404
    return inert.shown(png, "image/png", f"{_form(visitor, form_id).slug}-{version}-{language}.png")


def _html(visitor: Visitor, form_id: int, version: int, language: str) -> bytes:
    html = selectors.page_html(visitor.workspace_id, form_id, version, language)
    if html is None:
        raise Http404
    return html


def _form(visitor: Visitor, form_id: int) -> selectors.Form:
    found = next((each for each in selectors.forms(visitor.workspace_id) if each.form_id == form_id), None)
    if found is None:
        raise Http404
    return found
