"""`shodaku keys rotate pepper`: the key file of ledger.rotation, and the marks of the rooms above it."""

from __future__ import annotations

from datetime import datetime

from shodaku.erasure import services as erasure
from shodaku.kit.keys import KeyPurpose
from shodaku.ledger import rotation
from shodaku.ledger.rotation import Rotation
from shodaku.suppression import services as suppression


class Layering:
    """How `ledger.rotation` asks for what it cannot know."""

    def require_room(self) -> None:
        suppression.require_room()

    def used(self, epoch: int) -> bool:
        return suppression.registered(epoch)

    def begin(self, epoch: int) -> None:
        suppression.register(epoch)

    def convert(self, workspace_id: int, epoch: int) -> int:
        return erasure.add_layers(workspace_id, epoch)


def rotate_pepper(*, by: str, now: datetime) -> Rotation:
    """A new layer, workspace by workspace; cut off anywhere, the next call goes on.

    Raises TooManyLayers, WrongPepper, PepperBusy, KeyUnavailable, VaultAway.
    """
    return rotation.rotate(KeyPurpose.PEPPER, by=by, now=now, layering=Layering())
