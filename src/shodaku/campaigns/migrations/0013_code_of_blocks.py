"""See 0013_code_of_blocks.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0012_tags")]
    operations = [sql_file(__file__)]
