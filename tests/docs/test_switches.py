"""The example of switches in an app does what the how-to says, in both languages."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from tests.api.test_api import a_key, an_address
from tests.docs.test_examples import DOCS
from tests.people import a_shop

from shodaku.api import routes
from shodaku.api.domain import Meter, Scope


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_bodies_that_are_shown_are_taken_and_answered_as_shown(language, monkeypatch):
    monkeypatch.setattr(routes, "_meter", Meter())
    page = (DOCS / language / "how-to" / "use-the-api.md").read_text(encoding="utf-8")
    _before, _heading, section = page.rpartition("\n## ")
    wording, switch, answer = (
        json.loads(each) for each in re.findall(r"^ *```json\n(.*?)^ *```", section, re.MULTILINE | re.DOTALL)
    )
    assert switch["address"] == "taro@mail.example"
    switch["address"] = an_address()  # a stranger is asked once a day, whichever test asks
    key = a_key(a_shop(), Scope.CONSENTS_WRITE, Scope.CONSENTS_READ)

    def post(path, body):
        headers = {"authorization": f"Bearer {key}", "idempotency-key": "1", "accept-language": language}
        return Client().post(f"/api/v1/{path}", body, "application/json", headers=headers)

    assert post("app-wordings", wording).json()["version"] == switch["wording"]
    told = post("consents/on", switch)
    assert told.status_code == 200
    assert told.json().keys() == answer.keys()
    assert answer["topics"][0] in told.json()["topics"]
    states = post("consents/state", {"address": switch["address"]}).json()
    assert answer["topics"][0] in states
    off = post("consents/off", switch).json()
    assert {each["topic"]: each["state"] for each in off["topics"]}["news"] == "off"
