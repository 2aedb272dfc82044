"""Where somebody is signed in: noted at the door, listed on the own page, ended from there.

A sign-in ends by itself after 12 idle hours; all of them end when password, factor or role change
(SECURITY.md, threat 17).
"""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.auth import update_session_auth_hash
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from shodaku.accounts.models import Staff


def note_sign_in(request: HttpRequest) -> None:
    """A browser is signed in now; where allauth opened the door, it noted that by itself."""
    UserSession.objects.create_from_request(request)


def end_sign_ins(staff_id: int) -> None:
    """Everywhere, at once: what a browser shows is of an earlier round."""
    with transaction.atomic():
        Staff.objects.filter(id=staff_id).update(sign_in_round=F("sign_in_round") + 1)
        ended = UserSession.objects.filter(user_id=staff_id)
        Session.objects.filter(session_key__in=list(ended.values_list("session_key", flat=True))).delete()
        ended.delete()


def end_other_sign_ins(request: HttpRequest, staff_id: int) -> None:
    """Everywhere but in this browser, which goes on under a new session."""
    end_sign_ins(staff_id)
    update_session_auth_hash(request, Staff.objects.get(id=staff_id))
    note_sign_in(request)


def end_sign_in(staff_id: int, sign_in_id: int) -> bool:
    """In one browser. False: it had ended."""
    found = UserSession.objects.filter(user_id=staff_id, id=sign_in_id).first()
    if found is None:
        return False
    found.end()
    return True
