"""Back numbers of a topic (バックナンバー): for everybody, without anything of a recipient, and as a feed.

Only what an author marked stands here. The address is that of workspace and topic; search engines are asked
to stay away unless somebody chose otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Sender, Workspace
from shodaku.consent import selectors as consent
from shodaku.consent.selectors import Topic
from shodaku.content import selectors as content
from shodaku.content.selectors import page_brand
from shodaku.kit import runtime
from shodaku.kit.ui import csp
from shodaku.signup import selectors

FEED_SUMMARY_CHARACTERS: Final = 300
_DIGITS_MAX: Final = 9
_NOT_IN_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FRESH: Final = "public, max-age=300"
_HTML: Final = (
    '<!doctype html>\n<html lang="{}">\n<head><meta charset="utf-8"><title>{}</title>'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    "<style>img {{ max-width: 100%; height: auto }}</style>"
    '<base target="_blank"></head>\n<body>{}</body>\n</html>\n'
)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The back numbers of one topic."""

    workspace: Workspace
    topic: Topic
    sender: Sender | None
    found_by_search: bool

    def path(self, name: str, *arguments: object) -> str:
        return reverse(name, args=[self.workspace.slug, self.topic.slug, *arguments])


@require_safe
def archive(request: HttpRequest, workspace: str, topic: str) -> HttpResponse:
    shelf = _shelf(workspace, topic)
    before = _number(request.GET.get("before", ""))
    numbers = content.back_numbers(shelf.workspace.workspace_id, shelf.topic.topic_id, before=before)
    if not numbers and before is None:
        raise Http404
    more = ""
    if len(numbers) == content.PAGE_NUMBERS:
        more = f"{shelf.path('signup_archive')}?before={numbers[-1].back_number_id}"
    lines = [(each, shelf.path("signup_back_number", each.back_number_id)) for each in numbers]
    context = {
        **_around(request, shelf),
        "lines": lines,
        "more": more,
        "form": _form_path(shelf.workspace),
        "content": shelf.topic.content,
    }
    return _answer(render(request, "signup/archive.html", context), shelf)


@require_safe
def number(request: HttpRequest, workspace: str, topic: str, number_id: int) -> HttpResponse:
    shelf = _shelf(workspace, topic)
    found = _found(shelf, number_id)
    html = content.back_number_html(shelf.workspace.workspace_id, shelf.topic.topic_id, number_id)
    context = {
        **_around(request, shelf),
        "number": found,
        "mail": shelf.path("signup_back_number_mail", number_id) if html else "",
        "all": shelf.path("signup_archive"),
    }
    response = _answer(render(request, "signup/back_number.html", context), shelf)
    return csp.allow(response, {"frame-src": "'self'"})


@require_safe
def mail(_request: HttpRequest, workspace: str, topic: str, number_id: int) -> HttpResponse:
    """How it looked, alone in a sandbox: cleaned when it was written, it can run and send nothing."""
    shelf = _shelf(workspace, topic)
    found = _found(shelf, number_id)
    html = content.back_number_html(shelf.workspace.workspace_id, shelf.topic.topic_id, number_id)
    if html is None:
        raise Http404
    page = format_html(_HTML, shelf.workspace.locale, found.subject, mark_safe(html))  # noqa: S308 - by nh3, in a sandbox
    return csp.archived(_kept_a_while(HttpResponse(page)))


@require_safe
def feed(_request: HttpRequest, workspace: str, topic: str) -> HttpResponse:
    """Atom (RFC 4287): the newest ones, as everybody sees them."""
    shelf = _shelf(workspace, topic)
    numbers = content.back_numbers(shelf.workspace.workspace_id, shelf.topic.topic_id)
    if not numbers:
        raise Http404
    here = runtime.current().public_url
    atom = Atom1Feed(
        title=_plain(shelf.topic.title(shelf.workspace.locale)),
        link=here + shelf.path("signup_archive"),
        feed_url=here + shelf.path("signup_archive_feed"),
        description=_plain(shelf.topic.content),
        language=shelf.workspace.locale,
        author_name=_plain(shelf.sender.formal_name) if shelf.sender else None,
    )
    for each in numbers:
        address = here + shelf.path("signup_back_number", each.back_number_id)
        atom.add_item(
            title=_plain(each.subject),
            link=address,
            description=escape(_plain(each.text)[:FEED_SUMMARY_CHARACTERS]),
            unique_id=address,
            pubdate=each.sent_at,
            updateddate=each.published_at,
        )
    response = HttpResponse(atom.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
    return _answer(response, shelf)


def _shelf(workspace: str, topic: str) -> _Shelf:
    """Raises Http404."""
    found = accounts.workspace_by_slug(workspace)
    topics = consent.topics(found.workspace_id) if found else []
    named = next((each for each in topics if each.slug == topic), None)
    if found is None or named is None:
        raise Http404
    sender = accounts.sender(found.workspace_id, named.sender_id)
    return _Shelf(found, named, sender, content.found_by_search(found.workspace_id, named.topic_id))


def _found(shelf: _Shelf, number_id: int) -> content.BackNumber:
    found = content.back_number(shelf.workspace.workspace_id, shelf.topic.topic_id, number_id)
    if found is None:
        raise Http404
    return found


def _around(request: HttpRequest, shelf: _Shelf) -> dict[str, object]:
    return {
        "topic": shelf.topic.title(request.LANGUAGE_CODE),
        "sender": shelf.sender,
        "brand": page_brand(shelf.workspace.workspace_id),
        "found_by_search": shelf.found_by_search,
        "feed": shelf.path("signup_archive_feed"),
        "written_in": shelf.workspace.locale,
    }


def _form_path(workspace: Workspace) -> str:
    open_ = next(iter(selectors.open_forms(workspace.workspace_id)), None)
    return reverse("signup_form", args=[workspace.slug, open_.slug]) if open_ else ""


def _answer(response: HttpResponse, shelf: _Shelf) -> HttpResponse:
    if not shelf.found_by_search:
        response.headers[csp.ROBOTS] = "noindex"
    return _kept_a_while(response)


def _kept_a_while(response: HttpResponse) -> HttpResponse:
    """Taken off, it is gone from everywhere within five minutes."""
    response.headers["Cache-Control"] = _FRESH
    return response


def _plain(text: str) -> str:
    """What XML can hold."""
    return _NOT_IN_XML.sub("", text)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX else None
