"""Sealed picture files: in a local folder, or in S3-compatible storage where PHOTO_STORE_URL says so."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from dermavis.adapters.photo_store.folder import FolderStore
from dermavis.adapters.photo_store.keys import KeyTaken, KeyUnfit
from dermavis.domain.ports import PhotoStore

__all__ = ["FolderStore", "KeyTaken", "KeyUnfit", "open_photo_store"]


def open_photo_store(url: str) -> PhotoStore:
    """Return the store of a ``file:///folder`` or ``s3://bucket/prefix`` address. Raises ValueError for any other.

    An S3 address may name ``?endpoint=…&region=…``; access keys come from the environment (AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY, and AWS_ENDPOINT, AWS_REGION where the address does not say).
    """
    parsed = urlsplit(url)
    if parsed.scheme == "file" and parsed.netloc in {"", "localhost"}:
        return FolderStore(Path(unquote(parsed.path)))
    if parsed.scheme == "s3" and parsed.netloc:
        from dermavis.adapters.photo_store.s3 import (
            open_s3_store,  # its client is loaded only where it serves
        )

        return open_s3_store(url)
    raise ValueError(f"PHOTO_STORE_URL : adresse inconnue « {parsed.scheme}:// », attendu file:// ou s3://.")
