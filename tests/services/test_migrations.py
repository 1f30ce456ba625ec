"""The migrations lead to the tables of the models, up and down, with rows in them, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Engine, MetaData, Table, Text, create_engine, func, inspect, select, text
from sqlalchemy.exc import IntegrityError

from dermavis.adapters.database import open_engine
from dermavis.adapters.schema import MIGRATIONS, current_revision, downgrade, head_revision, upgrade
from dermavis.commands.prepared import newest_revisions
from dermavis.domain.notice_words import EVENTS
from dermavis.models import Base, Membership, Network, Notification, Organization, Person

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


@pytest.fixture
def engine(empty_database: str) -> Any:
    """An engine on a database without any table."""
    engine = open_engine(empty_database)
    yield engine
    engine.dispose()


def test_upgrading_from_nothing_gives_the_tables_of_the_models(engine: Engine) -> None:
    assert current_revision(engine) is None

    upgrade(engine)

    assert current_revision(engine) == head_revision()
    assert _differences(engine, Base.metadata) == []


def test_a_table_that_no_migration_makes_would_be_found(engine: Engine) -> None:
    upgrade(engine)
    models = MetaData(naming_convention=Base.metadata.naming_convention)
    for table in Base.metadata.tables.values():
        table.to_metadata(models)
    Table("planted", models, Column("id", Text, primary_key=True))

    assert [difference[0] for difference in _differences(engine, models)] == ["add_table"]


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    _write_people(engine)

    upgrade(engine)

    assert _count(engine, Person) == 1


def test_going_down_to_nothing_and_up_again_leaves_no_table_behind(engine: Engine) -> None:
    upgrade(engine)
    _write_people(engine)
    assert _count(engine, Person) == 1

    downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}

    upgrade(engine)
    assert _count(engine, Person) == 0
    assert _differences(engine, Base.metadata) == []


def test_each_step_down_and_up_again_keeps_the_rows_of_older_tables(engine: Engine) -> None:
    upgrade(engine)
    _write_people(engine)
    steps = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]

    for older in steps[1:]:
        downgrade(engine, older)
        assert current_revision(engine) == older
        assert _count(engine, Person) == 1
    upgrade(engine)

    assert _count(engine, Membership) == 1
    assert _differences(engine, Base.metadata) == []


def test_what_presses_is_named_as_each_release_knows_it(engine: Engine) -> None:
    upgrade(engine)
    _write_people(engine)
    news = Notification.__table__
    with engine.execution_options(writes=True).begin() as connection:
        person_id = connection.execute(select(Person.id)).scalar_one()
        for event in ("became_urgent", "handed_over_urgent", "late_urgent", "handed_over"):
            connection.execute(
                news.insert().values(
                    id=uuid4(), person_id=person_id, event=event, number="D-1", url="/", at=NOW
                )
            )
    assert _events(engine) == ["became_urgent", "handed_over", "handed_over_urgent", "late_urgent"]
    downgrade(engine, "0090")
    assert _events(engine) == ["handed_over", "handed_over", "late_urgent", "regraded_urgent"]
    upgrade(engine)
    assert _events(engine) == ["became_urgent", "handed_over", "handed_over", "late_urgent"]
    assert set(_events(engine)) <= EVENTS.keys()


def test_foreign_keys_are_enforced_again_after_a_migration(engine: Engine) -> None:
    upgrade(engine)

    with pytest.raises(IntegrityError), engine.execution_options(writes=True).begin() as connection:
        connection.execute(
            Membership.__table__.insert().values(
                id=uuid4(), person_id=uuid4(), organization_id=uuid4(), role="expert", valid_from=NOW.date()
            )
        )


def test_the_glance_of_a_second_start_knows_the_newest_revision() -> None:
    assert newest_revisions() == {head_revision()}


@pytest.mark.sqlite_only
def test_each_sqlite_connection_commits_durably(database: str) -> None:
    careless = create_engine(database)
    with careless.connect() as connection:
        connection.execute(text("PRAGMA synchronous=1"))
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 1  # the question tells them apart
    careless.dispose()
    engine = open_engine(database)
    connections = [engine.connect() for _ in range(8)]

    found = {
        (
            connection.execute(text("PRAGMA synchronous")).scalar(),
            connection.execute(text("PRAGMA journal_mode")).scalar(),
            connection.execute(text("PRAGMA foreign_keys")).scalar(),
        )
        for connection in connections
    }

    for connection in connections:
        connection.close()
    engine.dispose()
    assert found == {(2, "wal", 1)}


def _differences(engine: Engine, models: MetaData) -> list[Any]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, models))


def _events(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return sorted(connection.scalars(select(Notification.event)))


def _write_people(engine: Engine) -> None:
    network_id, organization_id, person_id = uuid4(), uuid4(), uuid4()
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(Network.__table__.insert().values(id=network_id, name="Bourgogne du Sud"))
        connection.execute(
            Organization.__table__.insert().values(
                id=organization_id, network_id=network_id, kind="site", name="Cabinet du Port", created_at=NOW
            )
        )
        connection.execute(
            Person.__table__.insert().values(
                id=person_id,
                first_name="Camille",
                last_name="Martin",
                email="camille@example.org",
                created_at=NOW,
            )
        )
        connection.execute(
            Membership.__table__.insert().values(
                id=uuid4(),
                person_id=person_id,
                organization_id=organization_id,
                role="requester",
                valid_from=NOW.date(),
            )
        )


def _count(engine: Engine, model: type[Base]) -> int:
    with engine.connect() as connection:
        # Counted, not read: an older base lacks the newer columns.
        return connection.execute(select(func.count()).select_from(model.__table__)).scalar_one()
