"""A campaign that is written on a page of its own, in blocks or as code: newest state, save, conflict."""

from __future__ import annotations

import json
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse

from shodaku.campaigns import selectors, services
from shodaku.console.blocks import differences, staff_names
from shodaku.console.frame import show
from shodaku.console.guard import Visitor
from shodaku.console.paging import row_id
from shodaku.content.domain import Source, Written, dump_written
from shodaku.kit import clock

CONFLICT: Final = 409


def newest(visitor: Visitor, campaign: selectors.Campaign) -> Written:
    """Raises Http404."""
    written = selectors.document(visitor.workspace_id, campaign.campaign_id, campaign.revision or 0)
    if written is None:
        raise Http404
    return written


def save(request: HttpRequest, visitor: Visitor, campaign_id: int, written: Written) -> services.SaveAnswer:
    base = row_id(request.POST.get("revision", ""))
    return services.save_document(
        visitor.workspace_id,
        campaign_id,
        written,
        base=base or 0,
        staff_id=visitor.staff_id,
        now=clock.now(),
    )


def conflict(
    request: HttpRequest, visitor: Visitor, campaign: selectors.Campaign, mine: Written, newest: int
) -> HttpResponse:
    """Both, side by side, and what one can do."""
    theirs = selectors.document(visitor.workspace_id, campaign.campaign_id, newest)
    (saved, *_others) = selectors.revisions(visitor.workspace_id, campaign.campaign_id, rows_max=1)
    if theirs is None:
        raise Http404
    context = {
        "campaign": campaign,
        "rows": differences(mine, theirs),
        "document": json.dumps(dump_written(mine), ensure_ascii=False),
        "page": "console_code" if isinstance(mine, Source) else "console_blocks",
        "revision": newest,
        "saved_at": saved.saved_at,
        "saved_by": staff_names(visitor)(saved.saved_by),
    }
    return show(
        request, visitor, "console/blocks_conflict.html", context, current="campaigns", status=CONFLICT
    )
