"""See 0006_arriving.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("delivery", "0005_occasion")]
    operations = [sql_file(__file__)]
