"""See 0003_case.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("complaints", "0002_data_request")]
    operations = [sql_file(__file__)]
