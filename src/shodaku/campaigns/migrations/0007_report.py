"""See 0007_report.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0006_groups")]
    operations = [sql_file(__file__)]
