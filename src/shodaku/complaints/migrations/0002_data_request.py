"""See 0002_data_request.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("complaints", "0001_initial"), ("contacts", "0002_residence")]
    operations = [sql_file(__file__)]
