"""See 0009_document.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0008_approval")]
    operations = [sql_file(__file__)]
