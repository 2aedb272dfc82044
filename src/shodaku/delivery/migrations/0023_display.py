"""See 0023_display.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("delivery", "0022_report"), ("accounts", "0007_display_versions")]
    operations = [sql_file(__file__)]
