"""See 0007_display_versions.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_two_persons")]
    operations = [sql_file(__file__)]
