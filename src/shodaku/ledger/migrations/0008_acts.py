"""See 0008_acts.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_no_keys_in_statistics")]
    operations = [sql_file(__file__)]
