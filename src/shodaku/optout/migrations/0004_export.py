"""See 0004_export.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("optout", "0003_ask")]
    operations = [sql_file(__file__)]
