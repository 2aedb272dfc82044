"""A send worker whose process ends when it makes the message of one person: the last word of its command."""

from __future__ import annotations

import os
import sys

from shodaku.config import worker
from shodaku.delivery import letters


def main():
    poisoned = int(sys.argv.pop())
    render = letters.render

    def deadly(permit, compiled, recipient, date, **more):
        if permit.contact_id == poisoned:
            os._exit(1)  # as a library written in C does it: no exception, no last word
        return render(permit, compiled, recipient, date, **more)

    letters.render = deadly
    worker.main()


if __name__ == "__main__":
    main()
