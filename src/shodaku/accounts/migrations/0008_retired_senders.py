"""See 0008_retired_senders.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_display_versions")]
    operations = [sql_file(__file__)]
