"""Promise 1, first half: where a person said nothing, no advertising may leave, whatever else is true."""

from hypothesis import given
from hypothesis import strategies as st
from tests.examples import A_DAY, NOW, changed
from tests.policy.strategies import all_facts, moments

from shodaku.consent.domain import Consent, ConsentState, Expired, Requested, Withdrawn, replay
from shodaku.contacts.domain import Channel
from shodaku.policy.domain import AD_CLASSES, NOTHING, Bases, Permit, Reason, Refused, Switches, decide

SILENT = {"consents": (), "form_entry_at": None, "bases": NOTHING}
NOT_A_YES = st.one_of(
    st.builds(Requested, at=moments, topic_id=st.just(1), channel=st.just(Channel.EMAIL)),
    st.builds(Withdrawn, at=moments),
    st.builds(Expired, at=moments),
)


@given(all_facts, moments)
def test_silence_permits_no_advertising(facts, now):
    if facts.message.message_class in AD_CLASSES:
        assert isinstance(decide(changed(facts, **SILENT), now), Refused)


@given(st.lists(NOT_A_YES), moments)
def test_being_asked_a_hundred_times_is_no_yes(history, now):
    consent = replay(history)
    assert consent.state is not ConsentState.ACTIVE
    assert isinstance(decide(changed(consent=consent), now), Refused)


@given(all_facts, moments)
def test_with_every_switch_off_nothing_but_the_persons_own_act_permits_advertising(facts, now):
    """A new workspace: no card, no purchase, no published address is enough for more than one question."""
    off = changed(facts, switches=Switches(), consent=None, form_entry_at=None)
    asked_or_member = {
        Reason.OK_CARD_PERMISSION_REQUEST,
        Reason.OK_CONFIRMATION,
        Reason.OUTSIDE_SE_TREAT_AS_NEWS,
    }
    verdict = decide(off, now)
    if isinstance(verdict, Permit) and facts.message.message_class in AD_CLASSES:
        assert verdict.reason in asked_or_member | {Reason.TRACKING_REMOVED}


@given(all_facts, moments)
def test_a_consent_that_ended_permits_nothing(facts, now):
    ended = Consent(ConsentState.ACTIVE, now, confirmed=True, entry_id=7, expires_at=now)
    verdict = decide(changed(facts, consent=ended, form_entry_at=None, bases=NOTHING), now)
    if facts.message.message_class in AD_CLASSES:
        assert isinstance(verdict, Refused)


def test_a_purchase_and_a_card_permit_no_newsletter():
    customer = Bases(purchase_at=NOW - A_DAY, card_at=NOW - A_DAY)
    assert isinstance(decide(changed(consent=None, bases=customer), NOW), Refused)
