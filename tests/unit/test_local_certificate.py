"""The certificate of bin/run --lan, tried by a real TLS handshake."""

from __future__ import annotations

import socket
import ssl
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dermavis.adapters.local_certificate import LocalCertificate, local_certificate

NOW = datetime.now(UTC)


def test_a_phone_that_trusts_the_authority_accepts_the_server(tmp_path: Path) -> None:
    files = local_certificate(tmp_path, ["127.0.0.1", "192.168.1.20"], ["cabinet.local"], NOW)

    assert _shake_hands(files, "127.0.0.1") is None
    assert _shake_hands(files, "192.168.1.20") is None
    assert _shake_hands(files, "cabinet.local") is None


def test_a_phone_that_does_not_trust_the_authority_refuses_the_server(tmp_path: Path) -> None:
    files = local_certificate(tmp_path / "one", ["127.0.0.1"], [], NOW)
    other = local_certificate(tmp_path / "two", ["127.0.0.1"], [], NOW)
    stranger = LocalCertificate(other.authority, files.certificate, files.key)

    assert "self-signed" in str(_shake_hands(stranger, "127.0.0.1"))


@pytest.mark.parametrize(("address", "name"), [("8.8.8.8", "cabinet.local"), ("192.168.1.20", "banque.fr")])
def test_the_authority_vouches_for_no_address_outside_the_local_network(
    tmp_path: Path, address: str, name: str
) -> None:
    files = local_certificate(tmp_path, [address], [name], NOW)

    refused = name if name.endswith(".fr") else address
    assert "permitted subtree" in str(_shake_hands(files, refused))


def test_a_change_of_address_keeps_the_authority_that_the_phone_trusts(tmp_path: Path) -> None:
    first = local_certificate(tmp_path, ["192.168.1.20"], [], NOW - timedelta(days=30))
    trusted = first.authority.read_bytes()

    second = local_certificate(tmp_path, ["192.168.1.77"], [], NOW)

    assert second.authority.read_bytes() == trusted
    assert _shake_hands(second, "192.168.1.77") is None


def test_only_its_owner_reads_the_private_keys(tmp_path: Path) -> None:
    files = local_certificate(tmp_path / "lan", ["127.0.0.1"], [], NOW)

    for key in (files.key, tmp_path / "lan" / "authority.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def _shake_hands(files: LocalCertificate, name: str) -> ssl.SSLError | None:
    """Serve with the certificate on a local socket pair and connect as a phone that asks for ``name``."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(files.certificate, files.key)
    asking = ssl.create_default_context(cafile=str(files.authority))
    here, there = socket.socketpair()
    with here, there:
        server = threading.Thread(target=_serve, args=(serving, there))
        server.start()
        try:
            asking.wrap_socket(here, server_hostname=name).close()
        except ssl.SSLError as error:
            return error
        finally:
            here.close()
            server.join(5)
    return None


def _serve(context: ssl.SSLContext, connection: socket.socket) -> None:
    try:
        context.wrap_socket(connection, server_side=True).close()
    except OSError:
        connection.close()
