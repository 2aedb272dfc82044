"""What is measured as the page of a form is the page of a form."""

from __future__ import annotations

import pytest
from tests.people import a_shop

from shodaku.config.bench import form
from shodaku.config.bench.sample import Shop


def test_each_request_for_the_page_is_timed_once(database):
    shop = a_shop()
    seconds = form.signup_form_page(Shop(shop.workspace_id, shop.sender_id, shop.topic_id), 4)
    assert len(seconds) == 4
    assert min(seconds) > 0


def test_a_page_that_does_not_answer_is_no_figure(database, monkeypatch):
    shop = a_shop()
    monkeypatch.setattr(form, "_publish", lambda _shop: None)
    with pytest.raises(form.NoPage):
        form.signup_form_page(Shop(shop.workspace_id, shop.sender_id, shop.topic_id), 1)


def test_the_figure_is_what_95_of_100_requests_do_not_exceed():
    line = form.line([each / 1000 for each in range(1, 101)], 7)
    assert (line["value"], line["median_ms"], line["n"]) == (96.0, 51.0, 7)
