"""See 0023_sources.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("delivery", "0022_report")]
    operations = [sql_file(__file__)]
