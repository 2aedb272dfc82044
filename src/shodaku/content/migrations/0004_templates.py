"""See 0004_templates.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("content", "0003_back_numbers")]
    operations = [sql_file(__file__)]
