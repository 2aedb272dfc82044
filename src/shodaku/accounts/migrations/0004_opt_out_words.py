"""See 0004_opt_out_words.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_evidence_retention")]
    operations = [sql_file(__file__)]
