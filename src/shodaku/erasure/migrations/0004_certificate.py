"""See 0004_certificate.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("erasure", "0003_unsealing")]
    operations = [sql_file(__file__)]
