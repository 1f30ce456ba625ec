"""A full base goes down to the first revision and up again: every row, and every picture, is still there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from dermavis.adapters.schema import current_revision, downgrade, head_revision, upgrade
from dermavis.models import Base
from dermavis.services.work import System
from tests import cases
from tests.backing_up import drafted_with_pieces, opened
from tests.erasing import lived
from tests.factories import World
from tests.full_base import columns_of, everything, fill_empty_tables, narrowed

FIRST = "0001"


@pytest.fixture
def full(system: System, world: World) -> System:
    """A service with a life in every state that a case can be in, and a row in every table."""
    lived(system, world)
    drafted_with_pieces(world)
    cases.on_hold(world)
    cases.just_signed(world)
    cases.corrected(world)
    fill_empty_tables(system)
    return system


@pytest.mark.long
@pytest.mark.postgres
def test_a_full_base_loses_no_row_and_no_picture_on_its_way_down_and_up(full: System) -> None:
    engine = full.engine
    at_the_top, pictures, files = columns_of(engine), opened(full), _hashes(full.settings.data_dir / "photos")
    assert set(at_the_top) == set(Base.metadata.tables)
    rows = everything(engine, at_the_top)
    assert all(rows.values()), "a table is empty"
    assert len(pictures) >= 4

    downgrade(engine, FIRST)
    assert current_revision(engine) == FIRST
    older = columns_of(engine)
    first = {name: columns for name, columns in older.items() if name in at_the_top}
    given_up = {name: columns for name, columns in older.items() if name not in at_the_top}
    assert not any(everything(engine, given_up).values()), "a table was given up with rows in it"
    assert everything(engine, first) == narrowed(rows, first)

    upgrade(engine)
    assert current_revision(engine) == head_revision()
    assert columns_of(engine) == at_the_top
    assert everything(engine, first) == narrowed(rows, first)
    assert opened(full) == pictures
    assert _hashes(full.settings.data_dir / "photos") == files


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
