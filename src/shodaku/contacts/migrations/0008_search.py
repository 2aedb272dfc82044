"""See 0008_search.sql; and the keys of people who are known already, which only Python can fold."""

from __future__ import annotations

from typing import Any, Final

from django.db import migrations

from shodaku.contacts.search_keys import search_keys
from shodaku.kit.schema import sql_file

_AT_ONCE: Final = 5_000
_WORKSPACES: Final = "select workspace_id from workspace"
_SEE: Final = "select set_config('shodaku.workspace', %s, true)"  # row-level security binds the owner too
_PAGE: Final = """
    select contact_id, family_name, given_name, kana, company, search_key from contact
    where workspace_id = %s and contact_id > %s order by contact_id limit %s
"""
_FOLD: Final = """
    update contact c set search_key = each.whole, name_key = each.name, given_key = each.given,
        kana_key = each.kana, given_kana_key = each.given_kana, company_key = each.company,
        in_order = each.in_order
    from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
                %s::text[]) as each(contact_id, whole, name, given, kana, given_kana, company, in_order)
    where c.workspace_id = %s and c.contact_id = each.contact_id
"""


def fold_known(_apps: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own, untyped here
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_WORKSPACES)
        for (workspace_id,) in cursor.fetchall():
            cursor.execute(_SEE, [str(workspace_id)])
            _fold(cursor, workspace_id)
        cursor.execute(_SEE, [""])


def _fold(cursor: Any, workspace_id: int) -> None:  # noqa: ANN401 - Django's cursor
    after = 0
    while True:
        cursor.execute(_PAGE, [workspace_id, after, _AT_ONCE])
        rows = cursor.fetchall()
        if not rows:
            return
        folded = [search_keys(*row[1:5], more=row[5]) for row in rows]
        columns = [
            [getattr(each, name) for each in folded]
            for name in ("whole", "name", "given", "kana", "given_kana", "company", "in_order")
        ]
        cursor.execute(_FOLD, [[row[0] for row in rows], *columns, workspace_id])
        after = rows[-1][0]


class Migration(migrations.Migration):
    dependencies = [("contacts", "0007_of_lists")]
    operations = [sql_file(__file__), migrations.RunPython(fold_known, migrations.RunPython.noop)]
