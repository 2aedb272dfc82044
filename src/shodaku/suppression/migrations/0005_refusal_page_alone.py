"""See 0005_refusal_page_alone.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("suppression", "0004_refusal_page")]
    operations = [sql_file(__file__)]
