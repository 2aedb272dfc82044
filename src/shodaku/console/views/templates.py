"""Contents to begin a campaign from: the workspace's own, and four of ours in each language.

In addresses an own one is its number, one of ours its key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shodaku.accounts.domain import Act, may
from shodaku.campaigns import selectors as campaigns
from shodaku.campaigns import services
from shodaku.console.campaign import found
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed, forbid
from shodaku.console.paging import row_id
from shodaku.console.prepare_form import PrepareForm, gaps_of
from shodaku.console.views.person import offered_titles
from shodaku.content import selectors
from shodaku.content import services as content
from shodaku.content.domain import Document, Source, TemplateFault, Written, images_in_written
from shodaku.kit import clock
from shodaku.kit.ui import csp

PICTURES_MAX: Final = 50  # to choose from, the newest


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A template, whoever made it; `number` None: one of ours."""

    key: str
    number: int | None
    name: str
    note: str
    subject: str
    language: str
    document: Written


class BeginForm(forms.Form):
    topic = forms.TypedChoiceField(label=gettext_lazy("Topic"), coerce=int)
    name = forms.CharField(
        label=gettext_lazy("Name of the campaign"),
        max_length=selectors.NAME_CHARACTERS_MAX,
        help_text=gettext_lazy("For you alone; readers do not see it."),
    )

    def __init__(self, *given: object, topics: list[tuple[int, str]], **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type] # as Django calls it
        field = self.fields["topic"]
        if isinstance(field, forms.TypedChoiceField):
            field.choices = topics


@require_safe
@allowed(Act.READ)
def templates(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    language = get_language() or "ja"
    ours = selectors.our_templates().values()
    context = {
        "own": selectors.templates(visitor.workspace_id),
        "ours": sorted(ours, key=lambda each: each.language != language),
        "may_write": may(visitor.role, Act.WRITE_CAMPAIGN),
        "may_prepare": may(visitor.role, Act.PREPARE),
    }
    return show(request, visitor, "console/templates.html", context, current="campaigns")


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.READ)
def template(request: HttpRequest, visitor: Visitor, key: str) -> HttpResponse:
    """How it looks; pressed, a draft begins with it, in blocks."""
    chosen = _chosen(visitor, key)
    topics = list(offered_titles(visitor.workspace_id).items())
    if not may(visitor.role, Act.WRITE_CAMPAIGN) and may(visitor.role, Act.PREPARE):
        return _fill_in(request, visitor, chosen, topics)
    form = BeginForm(topics=topics, initial={"name": chosen.name})
    if request.method == "POST":
        forbid(visitor, Act.WRITE_CAMPAIGN)
        form = BeginForm(request.POST, topics=topics)
        if form.is_valid():
            said = form.cleaned_data
            as_code = isinstance(chosen.document, Source)
            campaign_id = _begun(visitor, chosen, said["topic"], said["name"])
            return redirect(place(visitor, "code" if as_code else "blocks", campaign_id))
    context = {
        "template": chosen,
        "form": form,
        "topics": topics,
        "may_write": may(visitor.role, Act.WRITE_CAMPAIGN),
    }
    status = 422 if form.errors else 200
    response = show(request, visitor, "console/template.html", context, current="campaigns", status=status)
    return csp.allow(response, {"frame-src": "'self'"})


def _fill_in(
    request: HttpRequest, visitor: Visitor, chosen: _Chosen, topics: list[tuple[int, str]]
) -> HttpResponse:
    """Of who prepares what others send: four fields at most; whoever sends finds it on their first page."""
    gaps = gaps_of(chosen.document)
    form = None
    if gaps is not None and isinstance(chosen.document, Document):
        form = PrepareForm(
            request.POST or None,
            topics=topics,
            document=chosen.document,
            gaps=gaps,
            pictures=selectors.library(visitor.workspace_id, most=PICTURES_MAX),
            initial={"subject": chosen.subject},
        )
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid() and (campaign_id := _prepared(visitor, form)) is not None:
            messages.success(
                request, _("Handed over. Whoever sends mails here finds it on their first page.")
            )
            return redirect(place(visitor, "blocks", campaign_id))
    context = {"template": chosen, "form": form, "topics": topics, "may_prepare": True}
    status = 422 if form is not None and form.errors else 200
    response = show(request, visitor, "console/template.html", context, current="campaigns", status=status)
    return csp.allow(response, {"frame-src": "'self'"})


def _prepared(visitor: Visitor, form: PrepareForm) -> int | None:
    """None: something typed cannot stand in a mail, and the form says what."""
    said = form.cleaned_data
    try:
        document = form.document()
        lack = next(iter(services.lacks(visitor.workspace_id, document)), None)
    except TemplateFault as fault:
        form.add_error(None, fault.sentence(get_language() or "ja"))
        return None
    if lack is not None:  # a link that leads nowhere, for one
        form.add_error(None, lack.sentence(get_language() or "ja"))
        return None
    chosen = _Chosen("", None, said["subject"], "", said["subject"], "", document)
    return _begun(visitor, chosen, said["topic"], said["subject"][: selectors.NAME_CHARACTERS_MAX])


@require_safe
@allowed(Act.READ)
def preview(request: HttpRequest, visitor: Visitor, key: str) -> HttpResponse:
    """A page of its own inside a sandboxed frame; gaps are filled with what belongs there."""
    chosen = _chosen(visitor, key)
    pictures = selectors.pictures(visitor.workspace_id, images_in_written(chosen.document))
    brand = selectors.brand(visitor.workspace_id)
    try:
        html = content.preview_document(chosen.document, pictures, brand, chosen.language)
    except TemplateFault as fault:
        text = fault.sentence(get_language() or "ja")
        return csp.preview(render(request, "console/mail_text.html", {"text": text}))
    return csp.preview(HttpResponse(html))


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def copy(request: HttpRequest, visitor: Visitor, key: str) -> HttpResponse:
    chosen = _chosen(visitor, key)
    name = _("Copy of %(name)s") % {"name": chosen.name}
    return _keep(request, visitor, name[: selectors.NAME_CHARACTERS_MAX], chosen.subject, chosen.document)


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def archive(request: HttpRequest, visitor: Visitor, key: str) -> HttpResponse:
    number = _chosen(visitor, key).number
    if number is None:
        raise Http404
    content.archive_template(visitor.workspace_id, number, by=_by(visitor), now=clock.now())
    messages.success(request, _("Put away. Campaigns that began from it stay as they are."))
    return redirect(place(visitor, "templates"))


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def keep(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """The newest state of a campaign in blocks, sent or not."""
    campaign = found(visitor, campaign_id)
    document = None
    if campaign.revision is not None:
        document = campaigns.document(visitor.workspace_id, campaign_id, campaign.revision)
    if document is None:
        messages.error(request, _("Only a campaign in blocks or in code can be kept as a template."))
        return redirect(place(visitor, "campaign", campaign_id))
    return _keep(request, visitor, campaign.name or campaign.subject, campaign.subject, document)


def _keep(request: HttpRequest, visitor: Visitor, name: str, subject: str, document: Written) -> HttpResponse:
    try:
        number = content.keep_template(
            visitor.workspace_id, name, subject, document, by=_by(visitor), now=clock.now()
        )
    except content.TooManyTemplates:
        full = _("A workspace has at most 200 templates. Put away one that is not used any more.")
        messages.error(request, full)
        return redirect(place(visitor, "templates"))
    messages.success(request, _("Kept as a template."))
    return redirect(place(visitor, "template", number))


def _begun(visitor: Visitor, chosen: _Chosen, topic_id: int, name: str) -> int:
    now, who = clock.now(), visitor.staff_id
    new = services.NewCampaign(name=name, topic_id=topic_id, subject=chosen.subject)
    campaign_id = services.create(visitor.workspace_id, new, staff_id=who, now=now)
    base = services.write_in_blocks(visitor.workspace_id, campaign_id, staff_id=who, now=now)
    services.save_document(
        visitor.workspace_id, campaign_id, chosen.document, base=base, staff_id=who, now=now
    )
    return campaign_id


def _chosen(visitor: Visitor, key: str) -> _Chosen:
    """Raises Http404."""
    ours = selectors.our_templates().get(key)
    if ours is not None:
        return _Chosen(key, None, ours.name, ours.note, ours.subject, ours.language, ours.document)
    number = row_id(key)
    own = selectors.template(visitor.workspace_id, number) if number is not None else None
    if own is None:
        raise Http404
    return _Chosen(key, number, own.name, "", own.subject, visitor.workspace.locale, own.document)


def _by(visitor: Visitor) -> str:
    return f"staff:{visitor.staff_id}"
