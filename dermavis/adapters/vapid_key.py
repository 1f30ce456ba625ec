"""The service's own push key (VAPID): made once, kept in a file that only the service reads."""

from __future__ import annotations

import base64
import os
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


class PushKeyUnusable(Exception):
    """The key file exists and holds something else than a P-256 private key."""


def read_or_create(path: Path) -> ec.EllipticCurvePrivateKey:
    """Return the key of the file, making it first when there is none; two starting processes agree on one.

    Raises PushKeyUnusable.
    """
    if not path.exists():
        _create(path)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except ValueError as error:
        raise PushKeyUnusable(f"{path} is not a private key in PEM") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise PushKeyUnusable(f"{path} is not a P-256 key")
    return key


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".vapid-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        pass  # another process was first: its key is the one
    finally:
        os.unlink(temporary)


def application_server_key(key: ec.EllipticCurvePrivateKey) -> str:
    """Return the public half as browsers want it: the uncompressed point in unpadded base64url."""
    uncompressed = serialization.PublicFormat.UncompressedPoint
    point = key.public_key().public_bytes(serialization.Encoding.X962, uncompressed)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()
