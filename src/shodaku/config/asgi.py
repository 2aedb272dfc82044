"""The web application, for uvicorn."""

from __future__ import annotations

from django.core.handlers.asgi import ASGIHandler

from shodaku.config import bind, environment

environment.load()
bind.start()
application = ASGIHandler()
