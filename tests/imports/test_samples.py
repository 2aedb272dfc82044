"""The sample lists end in the counts that their table says, whoever reads them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.people import a_shop

from shodaku.imports import services
from shodaku.imports.domain import Basis, Verdict, read_preview
from shodaku.imports.services import ImportOrder

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
SAMPLES = Path(__file__).parents[2] / "samples"
ROW = re.compile(
    r"^\| `([^`]+)` \|[^|]*\|[^|]*\| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE
)
COUNTS = {
    name: tuple(map(int, figures))
    for name, *figures in ROW.findall((SAMPLES / "README.md").read_text(encoding="utf-8"))
}

pytestmark = pytest.mark.usefixtures("database")


def brought_in(name, **declared):
    shop = a_shop()
    order = ImportOrder(file_name=name, topic_id=shop.topic_id, confirmed=True, **declared)
    with (SAMPLES / name).open("rb") as stream:
        return services.bring_in(shop.workspace_id, stream, order, dry_run=False, staff_id=None, now=NOW)


def counts(report):
    kinds = (Verdict.ACCEPTED, Verdict.PENDING, Verdict.DUPLICATE, Verdict.FAULTY)
    return (report.total, *(report.counts[kind] for kind in kinds))


def test_every_sample_is_in_the_table():
    assert {path.name for path in SAMPLES.glob("*.csv")} == set(COUNTS)


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_each_sample_ends_in_its_counts(name):
    basis = Basis.CARD if name in {"sansan.csv", "eight.csv"} else Basis.NONE
    report = brought_in(name, basis=basis, evidence="展示会", evidence_on=date(2026, 10, 1))
    assert counts(report) == COUNTS[name]


def test_each_broken_row_says_what_is_wrong_with_it():
    report = brought_in("broken.csv", basis=Basis.NONE)
    said = {
        row.line: row.reason if row.verdict is Verdict.FAULTY else [each.value for each in row.warnings]
        for row in report.rows
    }
    assert said == {
        2: [],
        3: "ROW_SEVERAL_ADDRESSES",
        4: "ROW_ADDRESS_IN_NAME",
        5: "ROW_FORMULA",
        6: ["FORMULA_LEFT_OUT"],
        7: ["DATE_UNREAD"],
        8: "ROW_TOO_WIDE",
        9: "ROW_UNREADABLE",
        10: "ROW_NO_ADDRESS",
        11: [],
        12: ["EMAIL_TYPO"],
    }


def test_a_consent_with_an_impossible_day_waits_though_the_file_names_a_day():
    report = brought_in("excel-cp932.csv", basis=Basis.NONE, evidence_on=date(2026, 10, 1))
    (mori,) = [row for row in report.rows if row.line == 7]
    assert (mori.verdict, mori.reason) == (Verdict.PENDING, "EVIDENCE_INCOMPLETE")


def test_an_address_book_of_cybozu_is_understood_but_for_what_has_no_place_here():
    with (SAMPLES / "cybozu.csv").open("rb") as stream:
        preview = read_preview(stream)
    understood = {preview.header[at]: name for name, at in preview.columns.items()}
    assert understood == {
        "個人名（姓）": "family_name",
        "個人名（名）": "given_name",
        "個人名よみ（姓）": "family_kana",
        "個人名よみ（名）": "given_kana",
        "会社名": "company",
        "部課名": "department",
        "郵便番号": "postcode",
        "住所": "address",
        "会社電話番号": "phone",
        "会社FAX番号": "fax",
        "URL": "url",
        "役職名": "title",
        "E-mail": "email",
        "メモ": "memo",
    }
