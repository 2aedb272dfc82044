"""What a returned mail means: who, what, at which stage. In doubt an address lives."""

import json

import pytest
from tests.delivery.bounce_mails import (
    AT_DATA_END,
    AT_RCPT,
    answered,
    exim,
    ezweb,
    kddi,
    letter,
    mfilter,
    qmail,
    report,
)

from shodaku.delivery.bounces.answers import words_of
from shodaku.delivery.bounces.classify import classify
from shodaku.delivery.bounces.matching import rule_for
from shodaku.delivery.bounces.rules import RULES
from shodaku.delivery.bounces.verdict import BounceClass, BounceSort, Reason, Stage, class_of

UNKNOWN = "550 5.1.1 <reader@example.org>... User Unknown"
POSTFIX_FOUND_NO_HOST = "Host or domain name not found. Name service error for name=example.org"
DOCOMO = {"recipient": "reader@docomo.ne.jp"}
EZWEB = {"recipient": "reader@ezweb.ne.jp"}


def the_one(raw):
    """The only recipient of a bounce."""
    returned = classify(raw)
    assert returned.sort is BounceSort.BOUNCE
    (recipient,) = returned.recipients
    return recipient


def reason_of(raw):
    return the_one(raw).judged.reason


def is_hard(raw):
    return the_one(raw).judged.hard


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.example[:40])
def test_the_example_of_each_rule_is_understood_by_it(rule):
    assert rule_for(words_of(rule.example)) is rule
    status = "5.1.1" if class_of(rule.reason) is BounceClass.HARD else "5.0.0"
    assert reason_of(report(status, rule.example)) is rule.reason


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_a_class_and_what_passes_is_never_hard(reason):
    assert class_of(reason, passing=True) is not BounceClass.HARD


def test_who_is_unknown_at_rcpt_has_no_such_address():
    recipient = the_one(answered("550 User unknown", AT_RCPT))
    assert (recipient.address, recipient.judged.stage, recipient.judged.code, recipient.judged.hard) == (
        "reader@example.org",
        Stage.RCPT,
        "550",
        True,
    )


def test_who_is_unknown_after_the_content_was_taken_has_a_filter():
    assert reason_of(answered("550 User unknown", AT_DATA_END)) is Reason.FILTERED


def test_words_without_a_stage_and_without_a_status_about_addresses_end_no_address():
    assert not is_hard(report("5.0.0", "550 no such user here"))


def test_a_status_about_addresses_is_enough():
    assert is_hard(report("5.1.1", "550 no such user here"))


@pytest.mark.parametrize(
    "answer",
    [
        "553 5.1.8 <news@shop.example.jp>: Domain not found",
        "550 your domain has no MX record",
        "550 5.1.7 No such domain",
    ],
)
def test_what_is_said_of_the_sender_ends_no_recipient(answer):
    assert not is_hard(report("5.0.0", answer))


def test_what_a_server_says_before_rcpt_is_about_us():
    assert not is_hard(answered("550 5.1.1 unknown user", "(in reply to MAIL FROM command)"))


def test_a_server_that_says_full_and_unknown_in_one_mail_has_an_account():
    mail = report("5.1.1", UNKNOWN, told="Your message was automatically rejected:\nNot enough disk space")
    assert reason_of(mail) is Reason.MAILBOX_FULL


def test_a_server_that_gives_a_reason_of_security_knows_the_address():
    assert not is_hard(answered("550 5.7.1 User unknown: reader@example.org", AT_RCPT))


@pytest.mark.parametrize(
    "mail",
    [
        report("4.1.1", "450 4.1.1 <reader@example.org>: Recipient address rejected: User unknown"),
        report("5.1.1", UNKNOWN, action="delayed"),
        letter(f"Delivery has been delayed.\n\n  reader@example.org\n    {UNKNOWN}\n\nIt will be retried."),
        report("4.0.0", "DNS Error: 1 DNS type 'mx' lookup of example.org responded with code NXDOMAIN"),
    ],
)
def test_what_passes_or_is_tried_again_is_soft(mail):
    assert the_one(mail).judged.effect is BounceClass.SOFT


@pytest.mark.parametrize(
    ("answer", "hard"),
    [
        (f"{POSTFIX_FOUND_NO_HOST} type=A: Host not found", True),
        (f"{POSTFIX_FOUND_NO_HOST} type=MX: Host not found, try again", False),
        ("556 5.1.10 <reader@example.org>: Domain example.org does not accept mail (nullMX)", True),
        ("connect to mx.example.org[192.0.2.1]:25: Connection timed out", False),
    ],
)
def test_a_domain_that_is_not_there_is_told_from_one_that_cannot_be_reached(answer, hard):
    assert is_hard(report("5.4.4", answer)) is hard


@pytest.mark.parametrize(
    ("mail", "hard"),
    [
        (answered("550 Unknown user reader@docomo.ne.jp", AT_RCPT, **DOCOMO), True),
        (answered("550 Unknown user reader@docomo.ne.jp", AT_DATA_END, **DOCOMO), False),
        (report("5.1.1", "550 Unknown user reader@docomo.ne.jp", **DOCOMO), True),
        (report("5.0.0", "550 Unknown user reader@docomo.ne.jp", **DOCOMO), False),
        (report("5.2.0", "550 Unknown user reader@docomo.ne.jp", **DOCOMO), False),
        (answered("550 <reader@ezweb.ne.jp>: User unknown", AT_RCPT, **EZWEB), True),
        (answered("550 : User unknown", AT_DATA_END, **EZWEB), False),
        (report("5.0.0", "550 <reader@ezweb.ne.jp>: User unknown", **EZWEB), True),
        (report("5.0.0", "550 : User unknown", **EZWEB), False),
        (ezweb("    >>> RCPT TO:<reader@ezweb.ne.jp>\n    <<< 550 <reader@ezweb.ne.jp>: User unknown"), True),
        (
            ezweb("The user(s) account is disabled.\n\n<reader@ezweb.ne.jp>: 550 user unknown " + AT_RCPT),
            False,
        ),
        (ezweb("Your message was not delivered within 0 days and 1 hours.\n\n<reader@ezweb.ne.jp>"), False),
        (kddi("As their mailbox is full."), False),
        (kddi("As the remote domain doesn't exist."), True),
        (mfilter("550 unknown user", "RCPT TO:<reader@example.co.jp>"), True),
        (mfilter("550 5.1.1 <reader@example.co.jp>: User unknown in local recipient table", "DATA"), True),
        (mfilter("550 Unknown user reader@example.co.jp", "DATA"), False),
        (report("4.4.7", "421", recipient="reader@y-mobile.ne.jp"), False),
    ],
)
def test_the_filter_of_a_japanese_carrier_is_told_from_a_dead_address(mail, hard):
    assert is_hard(mail) is hard


@pytest.mark.parametrize("charset", ["charset=\0", "charset*=utf-8''utf-8", "charset*=\0''%00"])
def test_a_charset_that_the_parser_fails_at_hides_nothing(charset):
    mail = letter("宛先:\n\nreader@example.org\n容量超過", headers=[f"Content-Type: text/plain; {charset}"])
    assert reason_of(mail) is Reason.MAILBOX_FULL


@pytest.mark.parametrize("charset", ["iso-2022-jp", "cp932", "euc-jp", "utf-8"])
def test_japanese_is_understood_in_whatever_bytes_it_is_written_under_the_name_of_another(charset):
    body = "メールを送信できませんでした。\n\nreader@example.jp\n宛先のメールボックスが一杯です。".encode(
        charset
    )
    head = b"From: postmaster@example.jp\nSubject: x\nContent-Type: text/plain; charset=iso-2022-jp\n\n"
    assert reason_of(head + body) is Reason.MAILBOX_FULL


@pytest.mark.parametrize(
    ("mail", "reason"),
    [
        (qmail("<reader@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)"), Reason.USER_UNKNOWN),
        (
            qmail("<reader@example.org>:\nSorry, I couldn't find any host named example.org. (#5.1.2)"),
            Reason.HOST_UNKNOWN,
        ),
        (
            qmail(
                "<reader@example.org>:\n192.0.2.1 failed after I sent the message.\nit said: 550 User unknown"
            ),
            Reason.FILTERED,
        ),
        (exim("reader@example.org", "Unrouteable address"), Reason.HOST_UNKNOWN),
        (exim("reader@example.org", "retry timeout exceeded"), Reason.EXPIRED),
        (exim("reader@example.org", "an MX or SRV record indicated no SMTP service"), Reason.NOT_ACCEPT),
        (
            letter("Unknown user: reader@example.org\n\nOriginal message follows.\n\nTo: a@example.net"),
            Reason.USER_UNKNOWN,
        ),
        (letter("User mailbox exceeds allowed size: reader@example.org"), Reason.MAILBOX_FULL),
        (
            letter(
                "was not delivered to:\n  reader@example.org\nbecause:\n  User not listed in Domino Directory"
            ),
            Reason.USER_UNKNOWN,
        ),
        (
            letter(
                "did not reach:\n\nreader@example.org on 26 Nov 2026\n  The recipient name is not recognized"
            ),
            Reason.USER_UNKNOWN,
        ),
        (letter("Sent <<< RCPT TO:<reader@example.org>\nReceived >>> 550 user unknown"), Reason.USER_UNKNOWN),
        (
            letter("your mail to <reader@example.org>.\nmx did not like our RCPT TO:\n550 User unknown"),
            Reason.USER_UNKNOWN,
        ),
        (
            letter(
                ">>> reader@example.org <reader@example.org>\n\n550 no mailbox here by that name (#5.1.1)"
            ),
            Reason.USER_UNKNOWN,
        ),
        (
            answered(
                "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", AT_RCPT, status="5.4.1"
            ),
            Reason.USER_UNKNOWN,
        ),
        (
            answered("554 5.7.1 <reader@example.org>: Recipient address rejected: Access denied", AT_RCPT),
            Reason.REJECTED,
        ),
        (
            report("5.0.0", "554 delivery error: dd This user doesn't have a yahoo.com account"),
            Reason.USER_UNKNOWN,
        ),
        (
            report("5.2.1", "550 5.2.1 The user is receiving mail at a rate that prevents additional ones"),
            Reason.SPEEDING,
        ),
    ],
)
def test_each_server_is_understood_in_its_own_words(mail, reason):
    assert reason_of(mail) is reason


def test_the_command_before_the_answer_tells_the_stage_unless_it_is_data_alone():
    def of(command, *, following=""):
        body = f"while talking to mx.example.org.:\n>>> {command}\n<<< 550 unknown user\n{following}"
        return the_one(report("5.0.0", "550 unknown user", told=body)).judged.stage

    assert of("RCPT To:<reader@example.org>") is Stage.RCPT
    assert of("DATA", following="<<< 503 Valid RCPT command must precede DATA") is Stage.RCPT
    assert of("DATA", following="554 5.0.0 Service unavailable") is Stage.DATA_END
    assert of("DATA") is Stage.UNKNOWN


def test_each_recipient_of_a_report_is_judged_by_what_is_said_of_them():
    mail = qmail(
        "<full@example.org>:\nRemote host said: 552 5.2.2 Mailbox full",
        "<gone@example.org>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 User unknown",
    )
    returned = classify(mail)
    assert {each.address: each.judged.hard for each in returned.recipients} == {
        "full@example.org": False,
        "gone@example.org": True,
    }
    assert not returned.judged.hard


def test_the_letters_of_an_address_are_no_words_of_the_server():
    assert is_hard(report("5.1.1", "550 5.1.1 <spam-filter.full@blocked.example>: User unknown"))


def test_a_report_is_read_whose_parts_lost_their_mime():
    whole = answered(UNKNOWN, AT_RCPT, status="5.1.1")
    assert is_hard(whole.replace(b'boundary="b"', b'boundary="c"'))


def test_a_source_route_is_not_whom_we_wrote_to():
    mail = report("5.1.1", UNKNOWN, recipient="@mx.example.org:reader@store")
    mail = mail.replace(b"Action:", b"Original-Recipient: rfc822;reader@example.org\nAction:")
    assert the_one(mail).address == "reader@example.org"


def test_where_nothing_names_the_recipient_our_own_head_does():
    mail = letter(
        "421 Deferred: Connection timed out\n\n  ----- Unsent message follows -----\nTo: reader@example.org\n"
    )
    assert the_one(mail).address == "reader@example.org"


def notification(**event):
    message = {"Type": "Notification", "Message": json.dumps(event)}
    return letter(json.dumps(message) + "\n\n--\nunsubscribe", sender="no-reply@sns.amazonaws.com")


def test_amazons_notifications_are_read():
    bounced = notification(
        notificationType="Bounce",
        bounce={
            "bouncedRecipients": [
                {
                    "emailAddress": "reader@example.org",
                    "status": "5.1.1",
                    "diagnosticCode": "smtp; 550 5.1.1 user unknown",
                }
            ]
        },
    )
    assert is_hard(bounced)
    assert classify(notification(notificationType="Complaint")).sort is BounceSort.FEEDBACK
    assert classify(notification(notificationType="Delivery")).sort is BounceSort.DELIVERED


FEEDBACK = "Feedback-Type: {}\nUser-Agent: x\nVersion: 1\nOriginal-Rcpt-To: reader@example.org\n"


@pytest.mark.parametrize("kind", ["abuse", "opt-out"])
def test_the_spam_button_is_a_complaint_and_no_bounce(kind):
    mail = letter(
        f"--b\nContent-Type: message/feedback-report\n\n{FEEDBACK.format(kind)}\n--b--",
        headers=['Content-Type: multipart/report; report-type=feedback-report; boundary="b"'],
    )
    returned = classify(mail)
    assert (returned.sort, [each.address for each in returned.recipients]) == (
        BounceSort.FEEDBACK,
        ["reader@example.org"],
    )


@pytest.mark.parametrize(
    ("mail", "sort"),
    [
        (
            letter("来週まで不在です", sender="y@example.jp", subject="自動返信: お知らせ"),
            BounceSort.VACATION,
        ),
        (
            letter("away", sender="y@example.jp", headers=["Auto-Submitted: auto-replied"]),
            BounceSort.VACATION,
        ),
        (letter("届きました。ありがとう。", sender="y@example.jp", subject="Re: お知らせ"), BounceSort.NONE),
        (
            letter("注文550の商品が届きません。a@example.org", sender="y@example.jp", subject="配送"),
            BounceSort.NONE,
        ),
        (
            letter(f"FYI: it could not be delivered\n> {UNKNOWN}", sender="y@example.jp", subject="Re: x"),
            BounceSort.NONE,
        ),
        (report("2.0.0", "250 ok", action="relayed"), BounceSort.DELIVERED),
        (b"", BounceSort.NONE),
    ],
)
def test_other_mails_are_told_apart(mail, sort):
    assert classify(mail).sort is sort


def test_a_person_who_is_away_is_not_dead():
    mail = letter(
        "I am away. Your message was not delivered to my phone.\n550",
        sender="y@example.jp",
        subject="Out of Office: x",
        headers=["Auto-Submitted: auto-replied"],
    )
    assert classify(mail).sort is BounceSort.VACATION
