"""See 0003_tree.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_waiting_order")]
    operations = [sql_file(__file__)]
