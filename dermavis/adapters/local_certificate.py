"""A certificate for one local network, so that a real phone gets the secure context its camera needs.

A small authority is made once and kept in its folder; a server certificate for today's addresses is signed by it. The
authority's certificate is the file that a phone is told to trust; its name constraints let it vouch for private
addresses and ``.local`` names only, so that trusting it opens nothing else.
"""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFE = timedelta(days=3650)
SERVER_LIFE = timedelta(days=397)  # browsers refuse a longer life
PRIVATE_NETWORKS = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "100.64.0.0/10",
    "192.0.2.0/24",
)
"""Addresses that no one outside can hold: RFC 1918, loopback, link-local, carrier-grade NAT, documentation."""

PRIVATE_NAMES = ("local", "localhost", "lan", "home")

Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class LocalCertificate:
    """Where the files lie: what the phone trusts, and what the server serves with."""

    authority: Path
    certificate: Path
    key: Path


def local_certificate(
    folder: Path, addresses: list[str], names: list[str], now: datetime
) -> LocalCertificate:
    """Make, or make again for other addresses, the certificate of this machine on its network.

    ``addresses`` are private IPv4 addresses, ``names`` host names of the local network. The authority in ``folder``
    is made once, so that a phone that trusts it goes on trusting when an address changes.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = LocalCertificate(folder / "authority.crt", folder / "server.crt", folder / "server.key")
    authority, authority_key = _authority(folder, files.authority, now)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _server_certificate(authority, authority_key, key, addresses, names, now)
    _write(files.key, _key_bytes(key))
    _write(files.certificate, _pem(certificate) + _pem(authority))
    return files


def _authority(folder: Path, path: Path, now: datetime) -> tuple[x509.Certificate, Key]:
    key_path = folder / "authority.key"
    if path.exists() and key_path.exists():
        authority = x509.load_pem_x509_certificate(path.read_bytes())
        key = serialization.load_pem_private_key(key_path.read_bytes(), password=None)
        if isinstance(key, ec.EllipticCurvePrivateKey) and authority.not_valid_after_utc > now + SERVER_LIFE:
            return authority, key
    key = ec.generate_private_key(ec.SECP256R1())
    authority = _authority_certificate(key, now)
    _write(key_path, _key_bytes(key))
    _write(path, _pem(authority))
    return authority, key


def _authority_certificate(key: Key, now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "DermAvis, réseau local")])
    permitted: list[x509.GeneralName] = [
        x509.IPAddress(ipaddress.ip_network(network)) for network in PRIVATE_NETWORKS
    ]
    permitted += [x509.DNSName(domain) for domain in PRIVATE_NAMES]
    return (
        _dated(x509.CertificateBuilder(), now, AUTHORITY_LIFE)
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _server_certificate(
    authority: x509.Certificate,
    authority_key: Key,
    key: Key,
    addresses: list[str],
    names: list[str],
    now: datetime,
) -> x509.Certificate:
    alternatives: list[x509.GeneralName] = [
        x509.IPAddress(ipaddress.ip_address(address)) for address in addresses
    ]
    alternatives += [x509.DNSName(name) for name in names]
    return (
        _dated(x509.CertificateBuilder(), now, SERVER_LIFE)
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "DermAvis")]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )


def _dated(builder: x509.CertificateBuilder, now: datetime, life: timedelta) -> x509.CertificateBuilder:
    # An hour back, for a phone whose clock is late.
    return (
        builder.serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + life)
    )


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_bytes(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes) -> None:
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
