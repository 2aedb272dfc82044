"""Mails as servers write them, made for one sentence each."""

from __future__ import annotations

AT_RCPT = "(in reply to RCPT TO command)"
AT_DATA_END = "(in reply to end of DATA command)"


def letter(body, *, sender="MAILER-DAEMON@mx.example.net", subject="failure notice", headers=()):
    head = [f"From: {sender}", "To: news@shop.example.jp", f"Subject: {subject}", *headers]
    return "\n".join([*head, "", body, ""]).encode()


def report(
    status, answer, *, told="", recipient="reader@example.org", action="failed", remote="mx.example.org"
):
    """With its machine-readable part (RFC 3464)."""
    lines = [
        "From: MAILER-DAEMON@relay.example.net (Mail Delivery System)",
        "To: news@shop.example.jp",
        "Subject: Undelivered Mail Returned to Sender",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        told,
        "--b",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; relay.example.net",
        "",
        f"Final-Recipient: rfc822; {recipient}",
        f"Action: {action}",
        f"Status: {status}",
        f"Remote-MTA: dns; {remote}",
        f"Diagnostic-Code: smtp; {answer}",
        "",
        "--b",
        "Content-Type: text/rfc822-headers",
        "",
        f"To: {recipient}",
        "",
        "--b--",
        "",
    ]
    return "\n".join(lines).encode()


def answered(answer, at, *, status="5.0.0", recipient="reader@example.org"):
    """As Postfix tells it: the stage stands in the text, not in the field."""
    told = f"<{recipient}>: host mx.example.org[192.0.2.1] said: {answer} {at}"
    return report(status, answer, told=told, recipient=recipient)


def qmail(*paragraphs):
    opening = "Hi. This is the qmail-send program at mx.example.net.\nI'm afraid I wasn't able to deliver."
    ending = "--- Below this line is a copy of the message.\n\nReturn-Path: <a@example.jp>\nTo: b@example.net"
    return letter("\n\n".join([opening, *paragraphs, ending]))


def exim(recipient, answer):
    body = (
        "This message was created automatically by mail delivery software.\n\n"
        "A message that you sent could not be delivered to one or more of its\n"
        "recipients. This is a permanent error. The following address(es) failed:\n\n"
        f"  {recipient}\n    {answer}\n\n"
        "------ This is a copy of the message, including all the headers. ------\n\nTo: other@example.net\n"
    )
    return letter(body, headers=[f"X-Failed-Recipients: {recipient}"])


def ezweb(body):
    return letter(
        "次のあて先へのメッセージはエラーのため送信できませんでした。\n\n" + body,
        sender="Postmaster@ezweb.ne.jp",
        subject="Mail System Error - Returned Mail",
    )


def kddi(reason):
    body = f"Your mail sent on: 26 Nov 2026\n  Could not be delivered to: <reader@a.dion.ne.jp>\n  {reason}"
    return letter(body, sender="no-reply@a.dion.ne.jp", subject="メールエラー通知")


def mfilter(answer, command):
    body = (
        "このメールは「m-FILTER」が自動的に生成して送信しています。\nこのメールは送信できませんでした。\n\n"
        "以下のメールアドレスへの送信に失敗しました。\nreader@example.co.jp\n\n"
        f"-------server message\n{answer}\n\n-------SMTP command\n{command}\n\n"
        "-------original message\nTo: other@example.jp\n"
    )
    return letter(body, sender="POSTMASTER <postmaster@example.co.jp>")
