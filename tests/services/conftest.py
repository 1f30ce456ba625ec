"""What several tests of the services begin with; the functions that go with each are in the module it comes from.

``folder`` ``place`` ``empty``   where backups are kept, and where one may be restored (``tests.backing_up``).
``held``                         a service in which all that can hangs on the master key (``tests.rotating``).
``life``                         a closed case that holds all that a case can (``tests.erasing``).
``requester``                    who is announced to.
``email``                        the address under which a requester signs in.
``begin``                        a function that begins the life of a region: ``begin(seed, first, days, each_day)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from dermavis.adapters.backups.sealed_store import SealedStore
from dermavis.adapters.database import open_engine
from dermavis.adapters.photo_store import open_photo_store
from dermavis.domain.roles import Role
from dermavis.services.backups import Stores
from dermavis.services.work import Actor, System
from tests.backing_up import place_at
from tests.clock import FakeClock
from tests.erasing import Life, lived
from tests.factories import World
from tests.rotating import Held, left_behind
from tests.year import living


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where backups are kept."""
    return tmp_path / "backups"


@pytest.fixture
def place(folder: Path) -> SealedStore:
    """A place of backups."""
    return place_at(folder)


@pytest.fixture
def empty(new_database: Callable[[str], str], tmp_path: Path) -> Iterator[Stores]:
    """An empty database and photo store."""
    engine = open_engine(new_database("sqlite"))
    yield Stores(engine, open_photo_store((tmp_path / "restored").as_uri()))
    engine.dispose()


@pytest.fixture
def held(system: System, world: World) -> Held:
    """A service whose people have left behind all that the old key wraps."""
    return left_behind(system, world)


@pytest.fixture
def life(system: System, world: World) -> Life:
    """A closed case through which everything went that a case can hold."""
    return lived(system, world)


@pytest.fixture
def requester(world: World) -> Actor:
    """Who is announced to."""
    return world.actor(Role.REQUESTER)


@pytest.fixture
def email(world: World) -> str:
    """The requester's address."""
    return world.who(Role.REQUESTER).email


@pytest.fixture
def begin(
    system: System, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> Callable[[int, date, int, float], living.Life]:
    """Return a function that begins a life: ``begin(seed, first, days, each_day)``."""

    def start(seed: int, first: date, days: int, each_day: float) -> living.Life:
        living.steady_ids(monkeypatch, seed)
        return living.Life(system, clock, seed, first, days, each_day)

    return start
