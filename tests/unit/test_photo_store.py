"""Sealed files in a folder and in S3: whole, never replaced, and on the disk before ``put`` returns."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from obstore.exceptions import PermissionDeniedError

from dermavis.adapters.photo_store import FolderStore, KeyTaken, KeyUnfit, open_photo_store
from dermavis.domain.ports import NotFoundInStore, PhotoStore

CONTENT = os.urandom(200_000)


def check_store(store: PhotoStore) -> None:
    """What every store must do."""
    store.put("ab/ab12/original", CONTENT)
    store.put("ab/ab12/original", CONTENT)
    with pytest.raises(KeyTaken):
        store.put("ab/ab12/original", b"other")
    assert store.get("ab/ab12/original") == CONTENT
    assert store.exists("ab/ab12/original")
    store.put("ab/ab12/thumb", b"small")
    store.put("cd/cd34/thumb", b"")
    assert list(store.list("")) == ["ab/ab12/original", "ab/ab12/thumb", "cd/cd34/thumb"]
    assert list(store.list("ab/ab12/t")) == ["ab/ab12/thumb"]
    assert list(store.list("zz/")) == []
    store.delete("ab/ab12/thumb")
    store.delete("ab/ab12/thumb")
    assert not store.exists("ab/ab12/thumb")
    with pytest.raises(NotFoundInStore):
        store.get("ab/ab12/thumb")
    for key in (
        "",
        "one",
        "../ab/x",
        "ab/../x",
        "/ab/x",
        "ab//x",
        "AB/x",
        "ab/x.jpg",
        "ab/é",
        "ab/" + "x" * 300,
    ):
        with pytest.raises(KeyUnfit):
            store.put(key, b"")


def test_a_folder_is_a_store(tmp_path: Path) -> None:
    check_store(open_photo_store((tmp_path / "photos").as_uri()))


@pytest.mark.s3
def test_an_s3_bucket_is_a_store(s3) -> None:  # type: ignore[no-untyped-def]
    check_store(open_photo_store(s3.url("store-test")))


@pytest.mark.s3
def test_an_s3_server_refuses_a_wrong_secret(s3, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    open_photo_store(s3.url("secret-test")).put("ab/x", b"sealed")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(PermissionDeniedError):
        open_photo_store(s3.url("secret-test")).get("ab/x")


def test_an_address_of_another_kind_is_refused_in_words() -> None:
    for url in ("http://host/folder", "photos", "file://elsewhere/folder", "s3:///nameless"):
        with pytest.raises(ValueError, match="PHOTO_STORE_URL"):
            open_photo_store(url)


def test_a_file_is_on_the_disk_before_it_has_its_name_and_the_name_before_put_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[str, str]] = []
    fsync, link = os.fsync, os.link

    def seen_fsync(handle: int) -> None:
        done.append(("fsync", os.readlink(f"/proc/self/fd/{handle}")))
        fsync(handle)

    def seen_link(source: str, target: Path) -> None:
        done.append(("link", source))
        link(source, target)

    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(os, "link", seen_link)
    root = tmp_path / "photos"
    FolderStore(root).put("ab/ab12/original", CONTENT)
    (name,) = (source for kind, source in done if kind == "link")
    assert done[-3:] == [("fsync", name), ("link", name), ("fsync", str(root / "ab/ab12"))]
    made_durable = [path for kind, path in done[:-3] if kind == "fsync"]
    assert made_durable == [str(tmp_path), str(root), str(root), str(root / "ab")]
    assert list((root / ".partial").iterdir()) == []


def test_a_put_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderStore(tmp_path)
    store.put("ab/x", b"first")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.put("ab/y", b"second")
    assert list(store.list("")) == ["ab/x"]
    assert list((tmp_path / ".partial").iterdir()) == []


def test_of_two_who_store_under_one_key_at_once_one_content_stands(tmp_path: Path) -> None:
    store, taken = FolderStore(tmp_path), []

    def put(content: bytes) -> None:
        try:
            store.put("ab/x", content)
        except KeyTaken:
            taken.append(content)

    threads = [threading.Thread(target=put, args=(bytes([i]) * 100_000,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = store.get("ab/x")
    assert len(taken) == 7
    assert stored not in taken
    assert len(stored) == 100_000


def test_only_the_services_own_user_may_read_the_folder(tmp_path: Path) -> None:
    FolderStore(tmp_path / "photos").put("ab/ab12/original", CONTENT)
    for path in [tmp_path / "photos", *(tmp_path / "photos").rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
