"""Mounted at /api/."""

from __future__ import annotations

from django.urls import path

from shodaku.api.routes import api

urlpatterns = [path("v1/", api.urls)]
