"""See 0012_pace.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("delivery", "0011_stops")]
    operations = [sql_file(__file__)]
