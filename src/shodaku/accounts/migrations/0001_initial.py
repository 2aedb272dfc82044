"""Staff as Django's model; workspace, sender and membership: see 0001_initial.sql."""

from __future__ import annotations

from django.db import migrations, models

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    initial = True
    dependencies = [("kit", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Staff",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("name", models.CharField(max_length=100)),
                ("is_active", models.BooleanField(default=True)),
                ("locale", models.CharField(default="ja", max_length=5)),
                ("created_at", models.DateTimeField()),
            ],
            options={"db_table": "staff"},
        ),
        sql_file(__file__),
    ]
