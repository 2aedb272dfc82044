"""The web application, for uvicorn."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from django.core.handlers.asgi import ASGIHandler

from shodaku.config import bind, environment, reserved

if TYPE_CHECKING:
    from shodaku.delivery.hits import Hits


def _application() -> Hits:
    from shodaku.config.body_limit import BodyLimit  # noqa: PLC0415 - Django is set up only now
    from shodaku.config.doors import Doors  # noqa: PLC0415
    from shodaku.config.even_answers import EvenAnswers  # noqa: PLC0415
    from shodaku.config.quick import OneClick  # noqa: PLC0415
    from shodaku.delivery.hits import Hits  # noqa: PLC0415

    return Hits(OneClick(EvenAnswers(Doors(BodyLimit(ASGIHandler())))), lambda: reserved.lane(reserved.HITS))


# static files are small and read whole; the warning is about streams that never end
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
environment.load()
bind.start()
reserved.start()
application = _application()
