"""See 0003_pepper.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("contacts", "0002_residence"), ("accounts", "0001_initial")]
    operations = [sql_file(__file__)]
