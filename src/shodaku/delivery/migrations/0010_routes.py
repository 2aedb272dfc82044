"""See 0010_routes.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("delivery", "0008_domain_checks")]
    operations = [sql_file(__file__)]
