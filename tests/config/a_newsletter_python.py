"""Stands where a Python with django-newsletter would: that program is under a licence we keep away from.

It understands the commands that the measurement gives and nothing else, reads the settings, templates and
rows it was handed, and sends as they say. Beside a file `fails` its first message fails; beside `has none` it
has no django-newsletter.
"""

import importlib
import json
import os
import smtplib
import sys
from email.message import EmailMessage
from pathlib import Path

HERE = Path.cwd()


def main(words):
    if words[0] == "-c":
        return int((Path(sys.argv[0]).parent / "has none").exists())
    sys.path.insert(0, os.environ["PYTHONPATH"])
    settings = importlib.import_module(os.environ["DJANGO_SETTINGS_MODULE"])
    match words[2:]:
        case ["migrate"]:
            Path(settings.DATABASES["default"]["NAME"]).write_text("[]", encoding="utf-8")
        case ["loaddata", rows]:
            loaded = Path(rows).read_text(encoding="utf-8")
            Path(settings.DATABASES["default"]["NAME"]).write_text(loaded, encoding="utf-8")
        case ["submit_newsletter"]:
            submit(settings)
        case other:
            sys.exit(f"unknown: {other}")
    return 0


def submit(settings):
    rows = json.loads(Path(settings.DATABASES["default"]["NAME"]).read_text(encoding="utf-8"))
    people = {row["pk"]: row["fields"] for row in rows if row["model"] == "newsletter.subscription"}
    waiting = [row["fields"] for row in rows if row["model"] == "newsletter.submission"]
    for number in (each for submission in waiting for each in submission["subscriptions"]):
        if number == 1 and (Path(sys.argv[0]).parent / "fails").exists():
            log = settings.LOGGING["handlers"]["failed"]["filename"]
            Path(log).write_text("Message 1 failed with error\n", encoding="utf-8")
            continue
        send(settings, people[number])


def send(settings, person):
    folder = Path(settings.TEMPLATES[0]["DIRS"][0]) / "newsletter" / "message" / "news"
    message = EmailMessage()
    message["From"], message["To"] = "news@bench.example", person["email_field"]
    message["Subject"] = (folder / "message_subject.txt").read_text(encoding="utf-8").strip()
    for file, put in (("message.txt", message.set_content), ("message.html", None)):
        text = (folder / file).read_text(encoding="utf-8")
        text = text.replace("{{ subscription.name }}", person["name_field"])
        text = text.replace("{{ subscription.activation_code }}", person["activation_code"])
        put(text) if put else message.add_alternative(text, subtype="html")
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as server:
        server.send_message(message)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
