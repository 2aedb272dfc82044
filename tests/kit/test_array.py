"""Lists as PostgreSQL writes them: what is read back is what was given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shodaku.kit import db

pytestmark = pytest.mark.usefixtures("database")
TIMES = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 - the zone comes beside it
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(-timedelta(hours=3, minutes=30))]),
)
KINDS = {
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "boolean": st.booleans(),
    "text": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    "uuid": st.uuids(),
    "timestamptz": TIMES,
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_postgresql_reads_what_was_written(kind, data):
    values = data.draw(st.lists(st.none() | KINDS[kind], max_size=20))
    with db.transaction(None) as connection:
        row = connection.execute(f"select %s::{kind}[]", [db.array(values)]).fetchone()
    assert row[0] == values


TEXTS = st.text(st.sampled_from('",\\{}a山 \n'), max_size=4)


@given(st.lists(TEXTS), st.lists(st.binary(max_size=4)), st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_a_list_of_one_kind_is_written_as_any_list_is(texts, marks, numbers):
    assert db.texts(texts) == db.array(texts)
    assert db.marks(marks) == db.array(marks)
    assert db.numbers(numbers) == db.array(numbers)


@pytest.mark.parametrize("texts", [["NULL", "null", ""], ['"', "\\", "{", "}", ","], [" a ", "\n"]])
def test_a_text_that_looks_like_syntax_is_a_text(texts):
    with db.transaction(None) as connection:
        assert connection.execute("select %s::text[]", [db.array(texts)]).fetchone()[0] == texts


def test_a_value_of_another_kind_is_refused():
    with pytest.raises(KeyError):
        db.array([1.5])
