"""See 0003_reasons.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("imports", "0002_jobs")]
    operations = [sql_file(__file__)]
