"""See 0006_cause.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("suppression", "0005_refusal_page_alone")]
    operations = [sql_file(__file__)]
