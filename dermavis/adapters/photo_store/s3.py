"""The photo store in S3-compatible storage; an object is durable when the server has answered."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qs, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import S3Store

from dermavis.adapters.photo_store.keys import KeyTaken, fit, fit_prefix
from dermavis.domain.ports import NotFoundInStore

_PATIENCE: Final = timedelta(seconds=30)


def open_s3_store(url: str) -> S3PhotoStore:
    """Return the store of ``s3://bucket/prefix?endpoint=…&region=…``; the access keys come from the environment."""
    parsed = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parsed.query).items()}
    endpoint = options.get("endpoint") or os.environ.get("AWS_ENDPOINT") or os.environ.get("AWS_ENDPOINT_URL")
    store = S3Store(
        parsed.netloc,
        prefix=parsed.path.strip("/") or None,
        endpoint=endpoint,
        region=options.get("region") or os.environ.get("AWS_REGION") or "us-east-1",
        client_options={
            "allow_http": bool(endpoint and endpoint.startswith("http://")),
            "timeout": _PATIENCE,
        },
        retry_config={"max_retries": 3, "retry_timeout": _PATIENCE},
    )
    return S3PhotoStore(store)


class S3PhotoStore:
    """Keys are object names below the prefix of the address."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    def put(self, key: str, content: bytes) -> None:
        """Store durably. Raises KeyTaken when the key has other content."""
        try:
            obstore.put(self._store, fit(key), content, mode="create")
        except AlreadyExistsError:
            if self.get(key) != content:
                raise KeyTaken(key) from None

    def get(self, key: str) -> bytes:
        """Return the content. Raises NotFoundInStore."""
        try:
            return bytes(obstore.get(self._store, fit(key)).bytes())
        except FileNotFoundError:
            raise NotFoundInStore(key) from None

    def delete(self, key: str) -> None:
        """Remove the object, silently when it is absent."""
        try:
            obstore.delete(self._store, fit(key))
        except FileNotFoundError:
            return

    def exists(self, key: str) -> bool:
        """Tell whether the object is there."""
        try:
            obstore.head(self._store, fit(key))
        except FileNotFoundError:
            return False
        return True

    def list(self, prefix: str) -> Iterator[str]:
        """Yield the keys that begin with ``prefix``; the storage itself lists whole folders only."""
        folder = fit_prefix(prefix).rpartition("/")[0]
        for batch in obstore.list(self._store, folder or None):
            for found in batch:
                if found["path"].startswith(prefix):
                    yield found["path"]
