"""The wizard with each sample list, pressed through as somebody at the desk would: the counts are right."""

from __future__ import annotations

import pytest
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, url
from tests.imports.test_samples import COUNTS, SAMPLES
from tests.people import a_shop
from tests.signup.forms import a_form

from shodaku.imports import selectors
from shodaku.imports.domain import Verdict

pytestmark = pytest.mark.browser
KINDS = (Verdict.ACCEPTED, Verdict.PENDING, Verdict.DUPLICATE, Verdict.FAULTY)


@pytest.mark.parametrize(
    ("name", "sound"), [(name, SOUND[place % len(SOUND)]) for place, name in enumerate(sorted(COUNTS))]
)
def test_each_sample_goes_through_the_wizard_to_its_counts(base, browser, name, sound):
    language, width, scheme = sound
    shop = a_shop()
    a_form(shop)
    client = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)

    def looks_sound(step):
        assert looked_at(page, f"import_{step}_{name}_{language}_{width}_{scheme}", troubles) == [], step

    page.goto(base + url(shop, "import_new"))
    looks_sound("1_new")
    page.set_input_files("input[name=list]", SAMPLES / name)
    page.click("main form .btn-primary")
    page.wait_for_url("**/columns/")
    looks_sound("2_columns")
    page.click("main form .btn-primary")
    page.wait_for_url("**/basis/")
    cards = name in {"sansan.csv", "eight.csv"}
    page.check(f"input[name=basis][value={'business_card' if cards else 'none'}]")
    page.fill("textarea[name=evidence]", "展示会の受付、名刺箱3")
    page.fill("input[name=evidence_on]", "2026-10-01")
    page.select_option("select[name=topic]", str(shop.topic_id))
    looks_sound("3_basis")
    page.click("main form .btn-primary")
    page.wait_for_selector("form[action$='/run/'] .btn-primary")
    looks_sound("4_check")
    page.click("form[action$='/run/'] .btn-primary")
    page.wait_for_selector("#h-declared")
    looks_sound("5_done")
    (batch,) = selectors.batches(shop.workspace_id)
    assert (batch.total, *(batch.counts.get(kind, 0) for kind in KINDS)) == COUNTS[name]
    assert batch.state == "done"
    if cards:
        page.click("form[action$='/ask/'] .btn")
        page.wait_for_url("**/campaigns/*/")
        looks_sound("6_request")
