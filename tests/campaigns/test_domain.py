"""What a button was pressed for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shodaku.campaigns.domain import fingerprint
from shodaku.segments.domain import BoughtNothing, BoughtWithin, CompanyHolds, Not, SourceIs

conditions = st.lists(
    st.sampled_from(
        [
            BoughtNothing(),
            BoughtWithin(30),
            SourceIs("form"),
            CompanyHolds("あおい"),
            Not(CompanyHolds("あおい")),
        ]
    ),
    max_size=3,
)
meant = st.tuples(st.sampled_from(["a" * 64, "b" * 64]), st.integers(1, 3), conditions.map(tuple))


@given(meant, meant)
def test_another_content_topic_or_audience_is_another_button(one, other):
    assert (fingerprint(*one) == fingerprint(*other)) == (one == other)
