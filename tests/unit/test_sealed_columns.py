"""Every column of bytes and every key version says which key it hangs on; found by walking the tables."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table

from dermavis.models import Base, sealed
from dermavis.services.key_rotation import WORDS

KINDS = {name: value for name, value in vars(sealed).items() if name.isupper()}
SAID = [f"{column.class_.__tablename__}.{column.key}" for columns in KINDS.values() for column in columns]


def unsaid(metadata: MetaData) -> set[str]:
    """The columns that hang on a key, or may, and of which nothing is said."""
    found = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary) or "key_version" in column.name
    }
    return found - set(SAID)


def test_a_column_that_hangs_on_an_unknown_key_is_found() -> None:
    planted = MetaData()
    for table in Base.metadata.tables.values():
        table.to_metadata(planted)
    Table("planted", planted, Column("sealed", LargeBinary), Column("key_version", Integer))

    assert unsaid(planted) == {"planted.sealed", "planted.key_version"}


def test_every_column_of_bytes_and_every_key_version_says_its_key() -> None:
    assert len(SAID) > 40
    assert unsaid(Base.metadata) == set()
    assert {name: times for name, times in Counter(SAID).items() if times > 1} == {}


def test_a_key_version_that_a_rotation_moves_stands_beside_what_it_wraps_anew() -> None:
    moved = {column.class_ for column in (*sealed.DATA_KEYS, *sealed.SEARCHED)}

    assert {column.class_ for column in sealed.KEY_VERSIONS} == moved


def test_a_rotation_has_words_for_every_table_that_it_goes_through() -> None:
    tables = {column.class_.__tablename__ for column in (*sealed.DATA_KEYS, *sealed.UNDER_MASTER)}

    assert set(WORDS) == tables
