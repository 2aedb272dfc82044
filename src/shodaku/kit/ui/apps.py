"""The user interface as a Django app: templates, tags and static files come with it, no table."""

from __future__ import annotations

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "shodaku.kit.ui"
    label = "ui"
