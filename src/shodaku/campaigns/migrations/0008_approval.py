"""See 0008_approval.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0007_report")]
    operations = [sql_file(__file__)]
