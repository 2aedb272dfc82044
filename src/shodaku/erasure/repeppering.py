"""One layer of pepper more over every mark of a workspace, and none forgotten.

Here, since what is sealed is found by such marks too, and the rooms below do not know of it.
"""

from __future__ import annotations

from shodaku.erasure import keeping
from shodaku.kit import runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.suppression import services as suppression


def add_layers(workspace_id: int, epoch: int) -> int:
    """Every layer up to this one, in one transaction; how many marks, 0 if they had it. No answer changes.

    Raises WrongPepper, KeyMissing, PepperBusy.
    """
    return suppression.convert(workspace_id, epoch, [keeping.raise_lookups])


def catch_up(workspace_id: int, epoch: int) -> int:
    """As `add_layers`, for a restored database, which may be older than its pepper."""
    for each in sorted(runtime.current().ring(KeyPurpose.PEPPER).epochs):
        if each <= epoch and not suppression.registered(each):
            suppression.register(each)
    return add_layers(workspace_id, epoch)
