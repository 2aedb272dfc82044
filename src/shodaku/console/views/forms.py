"""Sign-up forms: what they say, in which versions, and where people find them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Act, may
from shodaku.consent import selectors as consent
from shodaku.console import words
from shodaku.console.acts import record
from shodaku.console.embedding import WaysForm, snippets, ways_form
from shodaku.console.form_live import NOTHING_YET, Live, look
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed, forbid
from shodaku.console.signup_forms import NewSignupForm, SignupFormWords, typed_from
from shodaku.console.views.posters import LANGUAGES, PosterForm, short_address
from shodaku.kit import clock, db, runtime
from shodaku.kit.ui import csp
from shodaku.ledger.domain import Value
from shodaku.signup import selectors, services
from shodaku.signup.domain import EmptyForm, FormDefinition, NewForm

VERSIONS_SHOWN_MAX = 50


@dataclass(frozen=True, slots=True)
class Line:
    form: selectors.Form
    published: selectors.FormVersion | None
    count: selectors.FormCount | None
    href: str
    address: str


@require_safe
@allowed(Act.READ)
def forms(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    counts = selectors.form_counts(visitor.workspace_id)
    lines = [
        Line(
            form,
            selectors.form_version(visitor.workspace_id, form.form_id, form.version),
            counts.get(form.form_id),
            place(visitor, "form", form.form_id),
            public_address(visitor, form.slug),
        )
        for form in selectors.forms(visitor.workspace_id)
    ]
    context = {"lines": lines, "may_edit": may(visitor.role, Act.EDIT_FORMS)}
    return show(request, visitor, "console/forms.html", context, current="forms")


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.EDIT_FORMS)
def new(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    senders = accounts.senders(visitor.workspace_id)
    if not senders:
        return redirect(place(visitor, "sender_new"))
    form = NewSignupForm(request.POST or None, topics=_topics(visitor), initial={"ask_name": True})
    if request.method == "POST" and form.is_valid():
        form_id = _create(visitor, form)
        if form_id is not None:
            messages.success(request, _("Published. The address below is open to everybody."))
            return redirect(place(visitor, "form", form_id))
    context = {"form": form, "topics": _topics(visitor)}
    return show(
        request,
        visitor,
        "console/form_new.html",
        context,
        current="forms",
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.READ)
def form(request: HttpRequest, visitor: Visitor, form_id: int) -> HttpResponse:
    """Each publishing is a version of its own: who signed up before agreed to the words of then."""
    kept = _found(visitor, form_id)
    said = SignupFormWords(
        request.POST or None, topics=_topics(visitor, kept), initial=_initial(visitor, kept)
    )
    if request.method == "POST":
        return _publish(request, visitor, kept, said)
    definition = _written(visitor, kept)
    live = look(visitor, form_id, definition) if definition is not None else NOTHING_YET
    return _page(request, visitor, kept, said, live)


@require_POST
@allowed(Act.EDIT_FORMS)
def check(request: HttpRequest, visitor: Visitor, form_id: int) -> HttpResponse:
    """What is being written is kept as a draft, and told: the linter, what changes, how it looks.

    The part of the page for htmx, which asks while somebody writes; else the whole page as it was sent.
    """
    kept = _found(visitor, form_id)
    said = SignupFormWords(request.POST, topics=_topics(visitor, kept))
    live = (
        _keep(visitor, kept, said)
        if said.is_valid()
        else Live(_("Correct what is marked, then it can be checked."))
    )
    if not getattr(request, "htmx", False):
        return _page(request, visitor, kept, said, live)
    context = {"kept": kept, "live": live}
    response = show(request, visitor, "console/_form_live.html", context, current="forms")
    return csp.allow(response, {"frame-src": "'self'"})


@require_safe
@allowed(Act.READ)
def draft(_request: HttpRequest, visitor: Visitor, form_id: int, language: str) -> HttpResponse:
    """How the draft looks, inside a sandboxed frame."""
    kept = _found(visitor, form_id)
    definition = _written(visitor, kept)
    live = look(visitor, form_id, definition) if definition is not None else NOTHING_YET
    if live.plan is None or language not in LANGUAGES:
        raise Http404
    shown = services.in_language(live.plan.shown, language)
    return csp.preview(HttpResponse(services.as_document(shown)))


@require_POST
@allowed(Act.EDIT_FORMS)
def withdraw(request: HttpRequest, visitor: Visitor, form_id: int, version: int) -> HttpResponse:
    kept = _found(visitor, form_id)
    try:
        services.withdraw_version(visitor.workspace_id, form_id, version, visitor.staff_id, clock.now())
    except services.NoVersion as absent:
        raise Http404 from absent
    messages.success(
        request, _("Version %(version)s is withdrawn. Nobody agrees to it any more.") % {"version": version}
    )
    return redirect(place(visitor, "form", kept.form_id))


@require_POST
@allowed(Act.EDIT_FORMS)
def save_ways(request: HttpRequest, visitor: Visitor, form_id: int) -> HttpResponse:
    """Which sites may frame the form, and the page that thanks."""
    kept = _found(visitor, form_id)
    typed = WaysForm(request.POST, auto_id="ways_%s")
    if not typed.is_valid():
        said = SignupFormWords(topics=_topics(visitor, kept), initial=_initial(visitor, kept))
        definition = _written(visitor, kept)
        live = look(visitor, form_id, definition) if definition is not None else NOTHING_YET
        return _page(request, visitor, kept, said, live, ways=typed)
    sites, thanks_url = typed.cleaned_data["parsed"]
    with db.transaction(visitor.workspace_id):
        services.change_ways(visitor.workspace_id, form_id, sites, thanks_url)
        noted: dict[str, Value] = {"form": str(form_id), "sites": list(sites), "url": thanks_url or ""}
        record(visitor, "admin.form.ways", noted, clock.now())
    messages.success(request, _("The sites of the form are saved."))
    return redirect(place(visitor, "form", form_id) + "#h-embed")


def _found(visitor: Visitor, form_id: int) -> selectors.Form:
    found = next((each for each in selectors.forms(visitor.workspace_id) if each.form_id == form_id), None)
    if found is None:
        raise Http404
    return found


def _keep(visitor: Visitor, kept: selectors.Form, said: SignupFormWords) -> Live:
    definition = said.definition()
    live = look(visitor, kept.form_id, definition)
    if live.plan is not None:
        services.save_draft(visitor.workspace_id, kept.form_id, definition, visitor.staff_id, clock.now())
    return live


def _written(visitor: Visitor, kept: selectors.Form) -> FormDefinition | None:
    """The draft, or what is published; None for a form that nobody wrote yet."""
    draft = selectors.draft(visitor.workspace_id, kept.form_id)
    if draft is not None:
        return draft
    version = selectors.form_version(visitor.workspace_id, kept.form_id, kept.version)
    return version.published.definition if version is not None else None


def public_address(visitor: Visitor, slug: str) -> str:
    path = reverse("signup_form", args=[visitor.workspace.slug, slug])
    return f"{runtime.current().public_url}{path}"


def _publish(
    request: HttpRequest, visitor: Visitor, kept: selectors.Form, said: SignupFormWords
) -> HttpResponse:
    """Only what was looked at: the page shows what changes, and its button names just that."""
    forbid(visitor, Act.EDIT_FORMS)
    if not said.is_valid():
        return _page(request, visitor, kept, said, Live(_("Correct what is marked, then it can be checked.")))
    live = _keep(visitor, kept, said)
    if live.plan is not None and live.passes and request.POST.get("seen") != live.seen:
        return _page(request, visitor, kept, said, live, to_confirm=True)
    version = _published(visitor, kept.form_id, said)
    if version is None:
        return _page(request, visitor, kept, said, live)
    messages.success(request, _("Version %(version)s is published.") % {"version": version})
    return redirect(place(visitor, "form", kept.form_id))


def _page(
    request: HttpRequest,
    visitor: Visitor,
    kept: selectors.Form,
    said: SignupFormWords,
    live: Live,
    *,
    to_confirm: bool = False,
    ways: WaysForm | None = None,
) -> HttpResponse:
    address = public_address(visitor, kept.slug)
    context = {
        "kept": kept,
        "form": said,
        "live": live,
        "to_confirm": to_confirm,
        "is_draft": selectors.draft(visitor.workspace_id, kept.form_id) is not None,
        "withdrawn": selectors.withdrawn(visitor.workspace_id, kept.form_id),
        "held": services.form_held(visitor.workspace_id, kept.form_id, services.limits(), clock.now()),
        "address": address,
        "versions": _versions(visitor, kept),
        "count": selectors.form_counts(visitor.workspace_id).get(kept.form_id),
        "sources": [
            (source, short_address(visitor, source.code))
            for source in selectors.sources(visitor.workspace_id, kept.form_id)
        ],
        "paper_sizes": [(size.value, size.value.upper()) for size in services.PaperSize],
        "paper_languages": LANGUAGES,
        "poster_form": PosterForm(auto_id="poster_%s"),
        "sheets": _sheets(visitor, kept),
        "snippets": snippets(visitor, kept),
        "ways_form": ways or ways_form(visitor, kept.form_id),
        "mail": services.form_mail(visitor.workspace_id, kept.form_id),
        "may_edit": may(visitor.role, Act.EDIT_FORMS),
    }
    status = 422 if said.errors or (ways is not None and ways.errors) else 200
    response = show(request, visitor, "console/form.html", context, current="forms", status=status)
    return csp.allow(response, {"frame-src": "'self'"})


@dataclass(frozen=True, slots=True)
class Paper:
    """The sheet of the newest version in one language."""

    language: str
    name: str
    code: str
    made: bool


def _sheets(visitor: Visitor, kept: selectors.Form) -> list[Paper]:
    """Of the newest version; none while its words are withdrawn."""
    if kept.version in selectors.withdrawn(visitor.workspace_id, kept.form_id):
        return []
    made = {
        (each.version, each.language) for each in services.sheets_made(visitor.workspace_id, kept.form_id)
    }
    return [
        Paper(
            language,
            get_language_info(language)["name_local"],
            services.printed_code(
                visitor.workspace_id, services.SheetCode(kept.form_id, kept.version, language)
            ),
            (kept.version, language) in made,
        )
        for language in services.LANGUAGES
    ]


def _versions(
    visitor: Visitor, kept: selectors.Form
) -> list[tuple[selectors.FormVersion, list[selectors.Page]]]:
    """Newest first, each with its page in every language."""
    oldest = max(0, kept.version - VERSIONS_SHOWN_MAX)
    numbers = range(kept.version, oldest, -1)
    found = (selectors.form_version(visitor.workspace_id, kept.form_id, number) for number in numbers)
    pages = selectors.pages(visitor.workspace_id, kept.form_id)
    return [
        (version, [page for page in pages if page.version == version.version])
        for version in found
        if version is not None
    ]


def _create(visitor: Visitor, form: NewSignupForm) -> int | None:
    """Made and published together or not at all; faults stand at their fields."""
    said = form.cleaned_data
    wanted = NewForm(slug=said["slug"], name=said["name"], sender_id=_sender_of(visitor, said["topics"]))
    try:
        with db.transaction(visitor.workspace_id):
            form_id = services.create_form(visitor.workspace_id, wanted, clock.now())
            services.publish(visitor.workspace_id, form_id, form.definition(), visitor.staff_id, clock.now())
    except services.FormExists:
        form.add_error("slug", _("A form with this short name exists already."))
    except (services.NoTopic, EmptyForm):
        form.add_error("topics", _("Choose at least one topic that is offered."))
    except services.OtherSender:
        form.add_error("topics", _several_senders())
    except services.FormRefused as fault:
        form.add_error(None, _refusal(fault))
    else:
        return form_id
    return None


def _sender_of(visitor: Visitor, topic_ids: Sequence[int]) -> int:
    """Who asks by a form is who sends what it offers; the first of them, for the others are refused."""
    topics = consent.topics(visitor.workspace_id)
    return next((each.sender_id for each in topics if each.topic_id in topic_ids), 0)


def _several_senders() -> str:
    return _("These topics are of several senders. Who agrees must know whom to: one form for each sender.")


def _published(visitor: Visitor, form_id: int, form: SignupFormWords) -> int | None:
    definition = form.definition()
    try:
        return services.publish(visitor.workspace_id, form_id, definition, visitor.staff_id, clock.now())
    except (services.NoTopic, EmptyForm):
        form.add_error("topics", _("Choose at least one topic that is offered."))
        return None
    except services.OtherSender:
        form.add_error("topics", _several_senders())
        return None
    except services.NoSender:
        form.add_error(
            None, _("The sender of this form is not used any more. Use it again, or make another form.")
        )
        return None
    except services.FormRefused as fault:
        form.add_error(None, _refusal(fault))
        return None


def _refusal(fault: services.FormRefused) -> str:
    told = words.told(fault.answer.reason.value)
    return " ".join(filter(None, (str(told.text), told.next_step)))


def _initial(visitor: Visitor, kept: selectors.Form) -> dict[str, object]:
    definition = _written(visitor, kept)
    return typed_from(definition) if definition is not None else {"ask_name": True}


def _topics(visitor: Visitor, form: selectors.Form | None = None) -> list[tuple[int, str, str]]:
    """What a form may offer: of a new one every topic, each with who sends it where that is not clear."""
    language = get_language() or "ja"
    senders = {each.sender_id: each.display_name for each in accounts.senders(visitor.workspace_id)}
    told = senders if form is None and len(senders) > 1 else {}
    return [
        (
            topic.topic_id,
            topic.title(language),
            " · ".join(filter(None, (told.get(topic.sender_id), topic.content))),
        )
        for topic in consent.topics(visitor.workspace_id)
        if topic.archived_at is None and (form is None or topic.sender_id == form.sender_id)
    ]
