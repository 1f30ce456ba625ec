"""What an outside witness is told of the audit: one line for a seal, which holds no more than numbers and a hash."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

from dermavis.domain.audit_seal import Seal

NBSP = "\u00a0"

# A mail program may fold a line or put "> " before it: whatever is no word may stand between two words.
GAP = r"[\s>]+"
LINE = re.compile(
    GAP.join(
        [
            r"dermavis-audit",
            r"(?P<number>\d{1,18})",
            r"(?P<first>\d{1,18})-(?P<last>\d{1,18})",
            r"(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z",
            r"(?P<head>[0-9a-f]{64})\b",
        ]
    )
)


@dataclass(frozen=True)
class Attested:
    """What a witness remembers of a seal: its number, its last row and its head. ``at`` is the line's own words."""

    number: int
    last_id: int
    at: str
    head: bytes


def witness_line(seal: Seal) -> str:
    """Return the line of a seal, without its end."""
    at = seal.sealed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"dermavis-audit {seal.number} {seal.first_id}-{seal.last_id} {at} {seal.head.hex()}"


def attested_in(text: str) -> Iterator[Attested]:
    """Yield the lines of witnesses found in a text, a letter or a file; whatever else stands in it is passed over."""
    for found in LINE.finditer(text):
        yield Attested(int(found["number"]), int(found["last"]), found["at"], bytes.fromhex(found["head"]))


def witness_letter(line: str) -> tuple[str, str]:
    """Return subject and text of the letter that tells a line."""
    number = line.split()[1]
    text = (
        "Bonjour,\n\n"
        "Ce message est le témoin de l’audit de DermAvis. Gardez-le hors de portée de qui administre la base"
        f"{NBSP}: il prouvera que rien de ce qui précède n’y a été changé, ajouté ou retiré. Il ne contient aucune"
        " donnée de santé.\n\n"
        f"{line}\n\n"
        f"Pour comparer, recopiez cette ligne dans un fichier{NBSP}: bin/dermavis audit verify --witness FICHIER\n\n"
        "DermAvis\n"
    )
    return f"Témoin de l’audit · sceau n°{NBSP}{number}", text
