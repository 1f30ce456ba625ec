"""Encryption and signature of a push message, against bare http_ece and a bare signature; nothing is sent.

The reference does for each message what the two libraries do by themselves. Both alternate; medians are compared.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from dermavis.adapters.clock import SystemClock
from dermavis.adapters.push import WebPushSender
from tests.fixtures.databases import fast_folder
from tests.load.measuring import Verdict, conclude
from tests.receivers import Phone, PushReceiver

RATIO = 0.85
ROUNDS, MESSAGES = 15, 100
SUBJECT = "mailto:essai@example.org"
PAYLOAD = json.dumps(
    {"title": "Avis rendu", "body": "Télédossier D-26-000123", "url": "/cases/7d3c1f0e", "tag": "opinion"}
).encode()


def main() -> int:
    """Measure, print, and say whether the budget is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    with fast_folder() as folder, PushReceiver() as receiver:
        ours, bare = _measure(receiver, folder, options.rounds)
    for name, seconds in (("as DermAvis sends", ours), ("bare http_ece and signature", bare)):
        each = [one / MESSAGES * 1e6 for one in seconds]
        print(f"{name}: {statistics.median(each):.0f} µs a message ({min(each):.0f}–{max(each):.0f})")
    ratio = statistics.median(bare) / statistics.median(ours)
    return conclude(
        "push", ratio, RATIO, [Verdict("messages a second against bare", ratio, RATIO, " ×", at_least=True)]
    )


def _measure(receiver: PushReceiver, folder: Path, rounds: int) -> tuple[list[float], list[float]]:
    phone = receiver.phone("bench")
    sender = WebPushSender(folder / "vapid.pem", SUBJECT, SystemClock(), [receiver.host])
    signer = Vapid02(ec.generate_private_key(ec.SECP256R1()))

    def as_sent() -> None:
        sender.prepare(phone.target, PAYLOAD, "high", 3600)

    ours: list[float] = []
    bare: list[float] = []
    for number in range(rounds + 1):
        for seconds, message in ((ours, as_sent), (bare, lambda: _bare(phone, signer))):
            took = _seconds(message)
            if number:  # the first warms up
                seconds.append(took)
    return ours, bare


def _bare(phone: Phone, signer: Vapid02) -> None:
    point = phone.key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    http_ece.encrypt(
        PAYLOAD,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=point,
        auth_secret=phone.secret,
        version="aes128gcm",
    )
    signer.sign({"aud": "http://127.0.0.1", "exp": int(time.time()) + 3600, "sub": SUBJECT})


def _seconds(message: Callable[[], None]) -> float:
    started = time.perf_counter()
    for _ in range(MESSAGES):
        message()
    return time.perf_counter() - started


if __name__ == "__main__":
    raise SystemExit(main())
