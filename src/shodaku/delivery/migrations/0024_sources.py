"""See 0024_sources.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("delivery", "0023_display")]
    operations = [sql_file(__file__)]
