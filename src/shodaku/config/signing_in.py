"""Who signs in leaves a trace in the ledger of each workspace where they work."""

from __future__ import annotations

import os
from typing import Any

from django.http import HttpRequest, HttpResponse

from shodaku.accounts import selectors as accounts
from shodaku.accounts.adapter import StaffAdapter
from shodaku.kit import clock
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger

SIGNED_IN = "admin.signed_in"


class RecordingAdapter(StaffAdapter):
    """After the password and, where it is due, the second factor. Works while the key store is away."""

    def post_login(self, request: HttpRequest, user: Any, **options: Any) -> HttpResponse:  # noqa: ANN401 - allauth's signature
        now = clock.now()
        for membership in accounts.memberships(user.pk):
            ledger.record_act_even_without_vault(
                membership.workspace_id,
                SIGNED_IN,
                {"by": f"staff:{user.pk}"},
                event_id=uuid7(now, os.urandom(10)),
                now=now,
            )
        answer: HttpResponse = super().post_login(request, user, **options)
        return answer
