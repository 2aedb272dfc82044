"""`python -m pytest -p tests.native …`: those tests meet the send path as machine code (`make native`)."""

import pytest

from shodaku.config import native

if native.use() is not native.Kind.NATIVE:
    raise pytest.UsageError("make native: there is no machine code of these files")


def pytest_collection_modifyitems(config, items):
    reaching = [each for each in items if each.get_closest_marker("interpreted")]
    config.hook.pytest_deselected(items=reaching)
    items[:] = [each for each in items if each not in reaching]
