"""See 0003_evidence_retention.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_seller")]
    operations = [sql_file(__file__)]
