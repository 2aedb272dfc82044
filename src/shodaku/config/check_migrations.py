"""Do models and migrations agree? The only model is Staff; everything else is SQL (docs/adr/0003)."""

from __future__ import annotations

import sys

from shodaku.config import bind


def main() -> int:
    bind.start()
    from django.apps import apps  # noqa: PLC0415 - Django is set up only now
    from django.db.migrations.autodetector import MigrationAutodetector  # noqa: PLC0415
    from django.db.migrations.loader import MigrationLoader  # noqa: PLC0415
    from django.db.migrations.questioner import NonInteractiveMigrationQuestioner  # noqa: PLC0415
    from django.db.migrations.state import ProjectState  # noqa: PLC0415
    from django.utils import translation  # noqa: PLC0415

    translation.deactivate_all()  # names of fields are compared as they were written
    loader = MigrationLoader(None, ignore_no_migrations=True)
    questioner = NonInteractiveMigrationQuestioner(specified_apps={"accounts"}, dry_run=True)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps), questioner)
    changes = detector.changes(graph=loader.graph, trim_to_apps={"accounts"}, convert_apps={"accounts"})
    for app, migrations in changes.items():
        for migration in migrations:
            sys.stderr.write(f"{app}: {[operation.describe() for operation in migration.operations]}\n")
    return 1 if changes or loader.detect_conflicts() else 0


if __name__ == "__main__":
    sys.exit(main())
