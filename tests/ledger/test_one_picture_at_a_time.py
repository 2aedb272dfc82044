"""A small file can be a very large picture: a process holds one of them at a time."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from shodaku.ledger import images
from shodaku.ledger.images import DamagedPicture, plain_picture


@pytest.fixture
def scan():
    file = io.BytesIO()
    Image.radial_gradient("L").save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def alone(monkeypatch):
    """Whether the others were kept out, at each step that holds pixels."""
    seen = []

    def watched(step):
        def take(*arguments):
            seen.append(images._ONE_AT_A_TIME.locked())
            return step(*arguments)

        return take

    for name in ("_decoded", "_written"):
        monkeypatch.setattr(images, name, watched(getattr(images, name)))
    return seen


def test_while_one_is_decoded_and_written_the_others_wait(scan, alone):
    plain_picture(scan)
    assert alone == [True, True]
    assert not images._ONE_AT_A_TIME.locked()


def test_one_that_is_refused_keeps_nobody_waiting(scan, alone):
    with pytest.raises(DamagedPicture):
        plain_picture(scan[:100])
    assert alone == [True]
    assert not images._ONE_AT_A_TIME.locked()


def test_what_is_no_picture_is_refused_without_waiting():
    with images._ONE_AT_A_TIME, pytest.raises(images.UnfitFile):
        plain_picture(b"%PDF-1.7")
