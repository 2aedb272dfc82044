"""What was shown and is kept: pages, their hashes, and a shop whose forms are older than their pages."""

from __future__ import annotations

import hashlib
import uuid

import psycopg

from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.signup import selectors, services
from shodaku.signup.domain import FormDefinition

LANGUAGES = ("ja", "en")


def a_stranger():
    """An address that no other test asked at: promise 16 counts over all shops."""
    return f"stranger-{uuid.uuid4().hex[:12]}@example.jp"


def sha256(shown):
    return hashlib.sha256(shown).hexdigest()


def html_of(shop, form, language="ja", version=1):
    return selectors.page_html(shop.workspace_id, form.form_id, version, language)


def acts(shop, kind):
    """What the workspace's own entries of this kind say, oldest first."""
    return [entry.fields for entry in ledger.history(shop.workspace_id, 0) if entry.kind == kind]


def fields_of(shop, contact_id, kind):
    (entry,) = [each for each in ledger.history(shop.workspace_id, contact_id) if each.kind == kind]
    return entry.fields


def publish_again(shop, form, now, **changed):
    before = selectors.form_version(shop.workspace_id, form.form_id, 1).published.definition
    definition = FormDefinition(**{"title": before.title, "topic_ids": before.topic_ids, **changed})
    return services.publish(shop.workspace_id, form.form_id, definition, None, now)


def as_if_published_before_pages_were_kept(database, shop):
    """Its pages and its policies are gone, as they never were there."""
    with psycopg.connect(database.owner) as owner:
        owner.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        owner.execute("alter table form_page disable trigger form_page_stays")
        owner.execute("delete from form_page")
        owner.execute("alter table form_page enable trigger form_page_stays")
        owner.execute("delete from wording where kind = 'policy'")
