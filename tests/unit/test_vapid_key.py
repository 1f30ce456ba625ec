"""The key by which push services know this service: made once, kept to its owner, never written over."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from dermavis.adapters.vapid_key import PushKeyUnusable, read_or_create


def test_the_key_file_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "vapid.pem"
    found: list[int] = []

    def read() -> None:
        found.append(read_or_create(path).private_numbers().private_value)

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["vapid.pem"]


@pytest.mark.parametrize(
    "content", ["", "not a key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"]
)
def test_a_file_that_holds_no_key_is_named_and_kept(tmp_path: Path, content: str) -> None:
    path = tmp_path / "vapid.pem"
    path.write_text(content)
    with pytest.raises(PushKeyUnusable):
        read_or_create(path)
    assert path.read_text() == content
