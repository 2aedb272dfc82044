"""See 0008_domain_checks.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("delivery", "0007_dkim")]
    operations = [sql_file(__file__)]
