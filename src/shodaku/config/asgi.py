"""The web application, for uvicorn."""

from __future__ import annotations

import warnings

from django.core.handlers.asgi import ASGIHandler

from shodaku.config import bind, environment
from shodaku.config.body_limit import BodyLimit

# static files are small and read whole; the warning is about streams that never end
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
environment.load()
bind.start()
application = BodyLimit(ASGIHandler())
