"""See 0012_tags.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0011_by_whom")]
    operations = [sql_file(__file__)]
