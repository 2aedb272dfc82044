"""What a campaign carries: kept once, frozen at the launch, gone with the last that carries it."""

from __future__ import annotations

import email
import email.policy
from types import SimpleNamespace

import pytest
from tests.campaigns.test_services import NOW, a_draft, launch
from tests.content.files import PDF, PLACE, a_photo, a_picture
from tests.delivery.mailings import rows, send_now
from tests.delivery.sink import RunningSink
from tests.people import a_reader, a_shop

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors, services
from shodaku.campaigns.domain import Launched, NewCampaign, Remark
from shodaku.campaigns.draft import campaign_of
from shodaku.campaigns.services import AlreadyLaunched, ContentChanged
from shodaku.content import selectors as content_known
from shodaku.content.domain import TemplateFault
from shodaku.content.services import accept
from shodaku.delivery import selectors as delivery
from shodaku.delivery.worker import make_room
from shodaku.kit import clock, db

pytestmark = pytest.mark.usefixtures("database")
HTML = '<p>{{ name }}</p><img src="cid:ロゴ.png" alt="ロゴ">'
LOGO, OTHER_LOGO = accept("ロゴ.png", a_picture()), accept("ロゴ.png", a_picture(colour="red"))
FLYER = accept("冬のご案内.pdf", PDF)


def letter(shop, **changes):
    text = "{{ name }}\n\n冬の品がそろいました。"
    facts = {"name": "冬", "topic_id": shop.topic_id, "subject": "冬のお便り", "text": text, "html": HTML}
    return NewCampaign(**facts | changes)


def carrying(shop, *files, **changes):
    return services.create(
        shop.workspace_id, letter(shop, **changes), staff_id=None, now=clock.now(), added=files
    )


def change(shop, campaign_id, *, added=(), removed=(), **changes):
    services.edit(
        shop.workspace_id,
        campaign_id,
        letter(shop, **changes),
        staff_id=None,
        now=clock.now(),
        added=added,
        removed=removed,
    )


def names(shop, campaign_id):
    return [each.name for each in selectors.files(shop.workspace_id, campaign_id)]


def bodies(shop):
    with db.transaction(shop.workspace_id) as connection:
        return {bytes(body) for (body,) in connection.execute("select body from carried_file").fetchall()}


def launched_now(shop, campaign_id):
    counted = services.count(shop.workspace_id, campaign_id, now=clock.now())
    return services.launch(
        shop.workspace_id, campaign_id, counted.preflight_id, staff_id=None, now=clock.now()
    )


def mails(database, tmp_path, shop, mailing_id, **sink):
    with RunningSink(**sink) as running:
        send_now(database, shop, mailing_id, running.port, home=tmp_path)
    return [
        email.message_from_bytes(
            (b"\r\n" + each.content.removesuffix(b".\r\n")).replace(b"\r\n..", b"\r\n.")[2:],
            policy=email.policy.default,
        )
        for each in running.arrived
    ]


def carried(mail):
    return {
        part.get_filename(): (part.get_content_disposition(), part.get_payload(decode=True))
        for part in mail.walk()
        if part.get_filename()
    }


@pytest.mark.parametrize("offers", [("8BITMIME",), ()])
def test_what_a_campaign_carries_arrives_with_every_mail(database, tmp_path, offers):
    shop = a_shop()
    people = [a_reader(shop) for _ in range(3)]
    campaign_id = carrying(shop, LOGO, FLYER)
    answer = launched_now(shop, campaign_id)
    arrived = mails(database, tmp_path, shop, answer.mailing_id, offers=offers)
    assert len(arrived) == len(people)
    for mail in arrived:
        assert mail.get_content_type() == "multipart/mixed"
        words = {part["content-transfer-encoding"] for part in mail.walk() if not part.get_filename()}
        assert words == ({"8bit"} if offers else {None, "base64"}), "the display must not keep it from 8bit"
        assert carried(mail) == {"ロゴ.png": ("inline", LOGO.body), "冬のご案内.pdf": ("attachment", PDF)}
        assert "株式会社あおい雑貨" in mail.get_body(("plain",)).get_content()


def test_a_test_to_oneself_carries_the_same(database, tmp_path):
    shop = a_shop()
    staff_id = accounts.create_staff(f"a{shop.workspace_id}@aoi.example", "森", "Long enough 2026", now=NOW)
    accounts.join(shop.workspace_id, staff_id, Role.OWNER, now=NOW)
    campaign_id = carrying(shop, LOGO, FLYER)
    mailing_id = services.test_send(shop.workspace_id, campaign_id, staff_id=staff_id, now=clock.now())
    (mail,) = mails(database, tmp_path, shop, mailing_id)
    assert carried(mail).keys() == {"ロゴ.png", "冬のご案内.pdf"}


def test_a_relay_that_takes_less_than_the_message_has_gets_none_and_it_is_said_why(database, tmp_path):
    shop = a_shop()
    people = [a_reader(shop) for _ in range(2)]
    answer = launched_now(shop, carrying(shop, LOGO, accept("a.pdf", PDF + bytes(60_000))))
    assert mails(database, tmp_path, shop, answer.mailing_id, offers=("SIZE 50000",)) == []
    found = rows(
        database,
        shop,
        "select contact_id, outcome, code, reply from delivery where mailing_id = %(mailing)s",
        mailing=answer.mailing_id,
    )
    assert {(contact_id, outcome, code) for contact_id, outcome, code, _ in found} == {
        (person, "failed", 0) for person in people
    }
    assert {reply.partition(" has ")[0] for *_, reply in found} == {"5.3.4 The message"}
    assert all(reply.endswith("and the server takes at most 50000 (SIZE).") for *_, reply in found)
    assert delivery.progress(shop.workspace_id, answer.mailing_id).failed == 2


@pytest.mark.parametrize("size", ["SIZE", "SIZE 0", "SIZE x", "SIZE 200000"])
def test_a_relay_that_names_no_limit_or_a_larger_one_gets_it(database, tmp_path, size):
    shop = a_shop()
    a_reader(shop)
    answer = launched_now(shop, carrying(shop, LOGO, accept("a.pdf", PDF + bytes(60_000))))
    assert len(mails(database, tmp_path, shop, answer.mailing_id, offers=(size,))) == 1


def test_an_image_that_is_gone_at_the_launch_is_named_and_the_campaign_stays_a_draft():
    shop = a_shop()
    a_reader(shop, at=NOW)
    campaign_id = carrying(shop, LOGO)
    counted = services.count(shop.workspace_id, campaign_id, now=NOW)
    change(shop, campaign_id, removed=["ロゴ.png"])
    with pytest.raises(TemplateFault, match="ロゴ"):
        services.launch(shop.workspace_id, campaign_id, counted.preflight_id, staff_id=None, now=NOW)
    kept = selectors.campaign(shop.workspace_id, campaign_id)
    assert (kept.state, kept.mailing_id) == ("draft", None)
    with pytest.raises(TemplateFault, match="Add it, or take it out of the HTML"):
        services.examine(shop.workspace_id, kept)


@pytest.mark.parametrize("files", [{"added": [FLYER]}, {"added": [OTHER_LOGO]}, {"removed": ["冬.pdf"]}])
def test_other_files_than_were_counted_are_another_button(files):
    shop = a_shop()
    a_reader(shop, at=NOW)
    campaign_id = carrying(shop, LOGO, accept("冬.pdf", PDF))
    counted = services.count(shop.workspace_id, campaign_id, now=NOW)
    change(shop, campaign_id, **files)
    assert launch(shop, campaign_id, counted) == ContentChanged()
    assert isinstance(launch(shop, campaign_id), Launched)


def test_what_was_launched_carries_what_it_carried_then(database, tmp_path):
    shop = a_shop()
    a_reader(shop)
    campaign_id = carrying(shop, LOGO, FLYER)
    answer = launched_now(shop, campaign_id)
    with pytest.raises(AlreadyLaunched):
        change(shop, campaign_id, removed=["ロゴ.png"])
    copied = services.copy(shop.workspace_id, campaign_id, staff_id=None, now=NOW)
    change(shop, copied, removed=["ロゴ.png", "冬のご案内.pdf"], html="")
    (mail,) = mails(database, tmp_path, shop, answer.mailing_id)
    assert carried(mail).keys() == {"ロゴ.png", "冬のご案内.pdf"}
    assert [each.name for each in content_known.files_of(shop.workspace_id, answer.mailing_id)] == [
        "ロゴ.png",
        "冬のご案内.pdf",
    ]


def test_a_body_is_kept_once_and_goes_with_the_last_draft_that_carries_it():
    shop = a_shop()
    one, two = carrying(shop, LOGO), carrying(shop, LOGO, FLYER)
    copied = services.copy(shop.workspace_id, one, staff_id=None, now=NOW)
    assert bodies(shop) == {LOGO.body, PDF}
    change(shop, one, removed=["ロゴ.png"], html="")
    change(shop, two, removed=["ロゴ.png", "冬のご案内.pdf"], html="")
    assert bodies(shop) == {LOGO.body}
    assert names(shop, copied) == ["ロゴ.png"]
    change(shop, copied, added=[OTHER_LOGO])
    assert (names(shop, copied), bodies(shop)) == (["ロゴ.png"], {OTHER_LOGO.body})


def test_a_body_that_a_mailing_carries_stays_when_no_draft_does():
    shop = a_shop()
    a_reader(shop, at=NOW)
    campaign_id = carrying(shop, LOGO)
    assert isinstance(launch(shop, campaign_id), Launched)
    copied = services.copy(shop.workspace_id, campaign_id, staff_id=None, now=NOW)
    change(shop, copied, removed=["ロゴ.png"], html="")
    assert bodies(shop) == {LOGO.body}


def test_too_many_files_change_nothing_of_the_draft():
    shop = a_shop()
    campaign_id = carrying(shop, LOGO)
    eleven = [accept(f"{number}.pdf", PDF) for number in range(10)]
    with pytest.raises(TemplateFault, match="at most 10 files"):
        change(shop, campaign_id, added=eleven, subject="春")
    assert names(shop, campaign_id) == ["ロゴ.png"]
    assert selectors.campaign(shop.workspace_id, campaign_id).subject == "冬のお便り"
    with pytest.raises(TemplateFault, match="10 MB"):
        carrying(shop, *(accept(f"{number}.pdf", PDF + bytes([number]) * 4_000_000) for number in range(3)))
    assert len(selectors.campaigns(shop.workspace_id)) == 1


def test_nobody_else_sees_what_a_shop_carries():
    mine, other = a_shop(), a_shop()
    campaign_id = carrying(mine, LOGO)
    assert bodies(other) == set()
    assert names(other, campaign_id) == []
    assert content_known.file_body(other.workspace_id, LOGO.kept.sha256) is None
    assert content_known.file_body(mine.workspace_id, LOGO.kept.sha256) == LOGO.body


def test_where_a_photo_was_taken_lies_nowhere_in_the_database():
    shop = a_shop()
    carrying(shop, accept("ロゴ.png", a_picture()), accept("店.jpg", a_photo()))
    assert not [body for body in bodies(shop) if PLACE in body]


def test_size_and_remarks_are_told_before_the_launch():
    shop = a_shop()
    plain = services.examine(shop.workspace_id, campaign_of(shop.workspace_id, a_draft(shop)))
    assert plain.remarks == ()
    large = accept("a.pdf", PDF + bytes(300_000))
    examined = services.examine(
        shop.workspace_id, campaign_of(shop.workspace_id, carrying(shop, LOGO, large))
    )
    assert examined.remarks == (Remark.ATTACHMENT_BLOCKED,)
    assert 400_000 < examined.octets - plain.octets < 420_000
    shown = services.examine(shop.workspace_id, campaign_of(shop.workspace_id, carrying(shop, LOGO)))
    assert shown.remarks == (), "a picture within the mail is no attachment"
    long = letter(shop, html=f"<p>{'あ' * 40_000}</p>{HTML}", files=(LOGO.kept,))
    assert services.examine(shop.workspace_id, long).remarks == (Remark.CLIPPED,)


def test_two_who_bring_and_remove_the_same_file_at_once_leave_no_draft_without_it(database):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    shop = a_shop()
    first, second = carrying(shop, LOGO), carrying(shop, html="")

    def back_and_forth(campaign_id, rounds=15):
        try:
            for _ in range(rounds):
                change(shop, campaign_id, removed=["ロゴ.png"], html="")
                change(shop, campaign_id, added=[LOGO])
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(back_and_forth, [first, second]))
    assert names(shop, first) == names(shop, second) == ["ロゴ.png"]
    assert bodies(shop) == {LOGO.body}


@pytest.mark.parametrize(
    ("sizes", "left"), [([10] * 2, 2), ([10] * 3, 3), ([10] * 4, 3), ([10, 1, 1, 1, 10], 5), ([30, 5], 1)]
)
def test_a_worker_keeps_no_more_compiled_mailings_than_32_megabytes(sizes, left):
    kept = {}
    for number, megabytes in enumerate(sizes):
        compiled = SimpleNamespace(octets_min=megabytes * 2**20)
        make_room(kept, compiled.octets_min)
        kept[1, number] = (None, compiled)
    assert list(kept) == [(1, number) for number in range(len(sizes) - left, len(sizes))]


def test_a_worker_keeps_sixty_four_mailings_and_one_that_is_larger_than_all():
    kept = {(1, number): (None, SimpleNamespace(octets_min=1)) for number in range(64)}
    make_room(kept, 1)
    assert len(kept) == 63
    make_room(kept, 33 * 2**20)
    assert kept == {}
