"""See 0007_by_which_mail.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("suppression", "0006_cause")]
    operations = [sql_file(__file__)]
