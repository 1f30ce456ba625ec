"""What a backup is made of: its names, what may go, and rows in sealed pieces."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dermavis.adapters.backups import listings
from dermavis.adapters.backups.listings import read_rows, write_rows
from dermavis.adapters.photo_store.keys import fit
from dermavis.domain.backups import (
    BackupDamaged,
    Named,
    PictureCopy,
    backup_id,
    begun,
    chunk_name,
    cut_short,
    manifest_name,
    picture_name,
    surplus,
)
from dermavis.services.backup_pictures import Remembered
from tests.backing_up import KEY, place_at

NOON = datetime(2026, 3, 12, 12, 0, 5, tzinfo=UTC)
ROWS = [[f"{number:05}", "é\n\u2028" * (number % 7), None, number] for number in range(500)]


def test_backups_sort_by_the_time_at_which_they_began() -> None:
    instants = [NOON + timedelta(hours=hours) for hours in (0, 1, 30, 24 * 300)]
    names = [backup_id(instant, chance) for instant, chance in zip(instants, "zyxw", strict=True)]

    assert sorted(names) == names
    assert [begun(name) for name in names] == instants


def test_every_name_is_fit_for_a_store() -> None:
    backup = backup_id(NOON, "0a1b2c3d")

    for name in (
        manifest_name(backup),
        chunk_name(backup, "patient_search_keys", 12),
        picture_name("ab" * 32),
    ):
        assert fit(name) == name


def test_the_oldest_backups_may_go_and_the_newest_never() -> None:
    assert surplus(["c", "a", "b"], 1) == ["a", "b"]
    assert surplus(["c", "a", "b"], 3) == []
    assert surplus(["c", "a", "b"], 0) == []
    assert surplus([], 2) == []


def test_a_backup_without_a_manifest_was_cut_once_it_is_a_day_old() -> None:
    old, new = backup_id(NOON - timedelta(days=1), "a"), backup_id(NOON - timedelta(hours=23), "a")

    assert cut_short({old, new}, NOON) == {old}


def test_rows_come_back_as_they_were_in_however_many_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = place_at(tmp_path)
    monkeypatch.setattr(listings, "CHUNK_BYTES", 1000)

    listing = write_rows(place, "b", "table", ["a", "b", "c", "d"], iter(ROWS))

    assert (listing.rows, listing.chunks > 10) == (500, True)
    assert list(read_rows(place, "b", "table", listing)) == ROWS


def test_rows_that_are_not_those_announced_are_refused(tmp_path: Path) -> None:
    place = place_at(tmp_path)
    listing = write_rows(place, "b", "table", ["a", "b", "c", "d"], ROWS)
    others = write_rows(place, "b", "other", ["a", "b", "c", "d"], ROWS[1:])
    assert list(read_rows(place, "b", "table", listing)) == ROWS

    for wrong in (
        listing.model_copy(update={"sha256": others.sha256}),
        listing.model_copy(update={"rows": 501}),
        listing.model_copy(update={"chunks": 0}),
    ):
        with pytest.raises(BackupDamaged, match="ne sont pas celles"):
            list(read_rows(place, "b", "table", wrong))
    with pytest.raises(BackupDamaged, match="manque"):
        list(read_rows(place, "b", "table", listing.model_copy(update={"chunks": 2})))


def test_a_place_knows_its_key(tmp_path: Path) -> None:
    place = place_at(tmp_path)
    assert place.key_fits() is None

    place.mark()

    assert place.key_fits() is True
    assert place_at(tmp_path, KEY[::-1]).key_fits() is False


def test_an_index_is_asked_in_its_own_order_whatever_it_lacks() -> None:
    copies = [
        PictureCopy("documents", "aa", "k1", "h1", 1),
        PictureCopy("photo_files", "aa", "k2", "h2", 2),
        PictureCopy("photo_files", "cc", "k3", "", 0),
        PictureCopy("photo_files", "dd", "k4", "h4", 4),
    ]
    remembered = Remembered(iter(copies))

    asked = [
        Named("documents", "aa", "k1"),
        Named("documents", "bb", "new"),
        Named("photo_files", "aa", "another key"),
        Named("photo_files", "cc", "k3"),
        Named("photo_files", "dd", "k4"),
        Named("upload_pieces", "aa", "new"),
    ]
    assert [remembered.of(named) for named in asked] == [copies[0], None, None, None, copies[3], None]
