"""A time-stamping authority (RFC 3161): it signs when it saw a few bytes, without learning what they mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from dermavis.adapters.web_address import is_web_address
from dermavis.domain.ports import DeliveryFailed, Stamp, StampRefused

TIMEOUT_S = 15
LARGEST_ANSWER = 64 * 1024
ANSWER_TYPE = "application/timestamp-reply"


class TimestampsRefused(ValueError):
    """The settings name no authority, or no certificate to trust; the message tells what is expected."""


class Rfc3161Authority:
    """Asks one authority over HTTP, and trusts what leads to the certificates given."""

    def __init__(self, url: str, trusted: list[Certificate], every: timedelta) -> None:
        self.every = every
        self._url = url
        self._roots = [found for found in trusted if found.issuer == found.subject]
        self._between = [found for found in trusted if found.issuer != found.subject]

    def stamp(self, message: bytes) -> Stamp:
        """Return a stamp that was verified. Raises DeliveryFailed (no answer) or StampRefused (a wrong one)."""
        asked = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA512).build()
        try:
            answer = requests.post(
                self._url,
                data=asked.as_bytes(),
                headers={"Content-Type": "application/timestamp-query", "Accept": ANSWER_TYPE},
                timeout=TIMEOUT_S,
                stream=True,
                allow_redirects=False,
            )
            with answer:
                content = answer.raw.read(LARGEST_ANSWER + 1, decode_content=True)
        except (requests.RequestException, OSError) as error:
            raise DeliveryFailed(type(error).__name__) from None
        if not answer.ok or len(content) > LARGEST_ANSWER:
            raise DeliveryFailed(f"status {answer.status_code}")
        nonce = str(asked.nonce)
        return Stamp(content, nonce, self.check(message, content, nonce))

    def check(self, message: bytes, token: bytes, nonce: str) -> datetime:
        """Return when the authority saw the message. Raises StampRefused when the token does not say so."""
        try:
            answer: TimeStampResponse = decode_timestamp_response(token)
            verifier = VerifierBuilder(
                roots=list(self._roots), intermediates=list(self._between), nonce=int(nonce)
            ).build()
            verifier.verify_message(answer, message)
        except (VerificationError, ValueError) as error:
            raise StampRefused(str(error)[:200]) from None
        return answer.tst_info.gen_time.astimezone(UTC)


def open_authority(url: str, certificates: Path | None, minutes: int) -> Rfc3161Authority | None:
    """Return the authority of the settings, None where none is named. Raises TimestampsRefused, in words."""
    if not url:
        return None
    if not is_web_address(url):
        raise TimestampsRefused(
            "AUDIT_TIMESTAMP_URL est l’adresse http(s):// d’une autorité d’horodatage (RFC 3161)."
        )
    if certificates is None:
        raise TimestampsRefused(
            "AUDIT_TIMESTAMP_CA manque\u00a0: le fichier PEM des certificats de l’autorité, racine comprise."
        )
    try:
        trusted = load_pem_x509_certificates(certificates.read_bytes())
    except (OSError, ValueError):
        raise TimestampsRefused(
            f"AUDIT_TIMESTAMP_CA\u00a0: {certificates} ne se lit pas comme des certificats PEM."
        ) from None
    if not any(found.issuer == found.subject for found in trusted):
        raise TimestampsRefused(f"AUDIT_TIMESTAMP_CA\u00a0: aucun certificat racine dans {certificates}.")
    return Rfc3161Authority(url, trusted, timedelta(minutes=minutes))
