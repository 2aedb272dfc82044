"""See 0013_warm_up.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("delivery", "0012_pace")]
    operations = [sql_file(__file__)]
