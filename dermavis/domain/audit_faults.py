"""What is wrong with a sealed audit, and where, in words for whoever has to look into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from dermavis.domain.audit_seal import Seal
from dermavis.domain.audit_witness import Attested

NBSP = "\u00a0"
NUMBER = f"n°{NBSP}"
MOST_NAMED = 12
"""Absent numbers named in one sentence."""


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was sealed. ``kind`` is a code, ``place`` a seal's number, a row's or a case's id."""

    kind: str
    place: str
    words: str


def rows_changed(seal: Seal, absent: Sequence[int]) -> Fault:
    """Rows of a seal are not what was sealed. ``absent``: numbers of its range that no row has."""
    words = (
        f"Sceau {NUMBER}{seal.number}, posé le {_at(seal.sealed_at)}{NBSP}: une ligne au moins, de {NUMBER}"
        f"{seal.first_id} à {NUMBER}{seal.last_id}, a été changée, ajoutée ou retirée depuis."
    )
    if absent:
        named = ", ".join(str(row_id) for row_id in absent[:MOST_NAMED])
        more = "…" if len(absent) > MOST_NAMED else "."
        words += f" Numéros sans ligne{NBSP}: {named}{more}"
    return Fault("rows_changed", str(seal.number), words)


def row_before_first(row_id: int) -> Fault:
    """A row stands before the first that the audit can have."""
    words = f"La ligne {NUMBER}{row_id} est antérieure à la première de l’audit{NBSP}: elle y a été ajoutée."
    return Fault("row_inserted", str(row_id), words)


def stamp_without_seal(number: int) -> Fault:
    """A seal that an authority stamped is not there any more."""
    words = (
        f"Le sceau {NUMBER}{number} a été horodaté, et n’existe plus{NBSP}: la fin de l’audit a été retirée."
    )
    return Fault("stamp_without_seal", str(number), words)


def stamp_differs(number: int) -> Fault:
    """What an authority signed is not this seal."""
    words = (
        f"Sceau {NUMBER}{number}{NBSP}: son horodatage n’est pas celui de ce sceau, ou ne vient pas de l’autorité des"
        " réglages. Le sceau ou l’horodatage a été récrit."
    )
    return Fault("stamp_differs", str(number), words)


def rows_unreadable(seal: Seal) -> Fault:
    """The database cannot give the rows of a seal."""
    words = (
        f"Sceau {NUMBER}{seal.number}{NBSP}: les lignes {NUMBER}{seal.first_id} à {NUMBER}{seal.last_id} ne sont"
        " plus lisibles."
    )
    return Fault("rows_unreadable", str(seal.number), words)


def seals_unreadable(number: int) -> Fault:
    """The seals cannot be read from one of them on."""
    words = f"Les sceaux ne sont plus lisibles à partir du {number}e{NBSP}: leur table a été altérée."
    return Fault("seals_unreadable", str(number), words)


def table_unreadable() -> Fault:
    """A row of the audit or of the cases holds what cannot be read."""
    words = f"Une ligne de l’audit ou des demandes n’est plus lisible{NBSP}: sa table a été altérée."
    return Fault("table_unreadable", "", words)


def chain_broken(seal: Seal) -> Fault:
    """A seal's head is not what follows from the seal before."""
    words = (
        f"Sceau {NUMBER}{seal.number}{NBSP}: il ne s’enchaîne pas au précédent. Ce sceau, ou l’un de ceux d’avant,"
        " a été récrit."
    )
    return Fault("chain_broken", str(seal.number), words)


def seals_missing(before: Seal | None, seal: Seal) -> Fault:
    """Seals, or rows between two of them, are without a seal."""
    expected = before.number + 1 if before else 1
    first = before.last_id + 1 if before else 1
    words = (
        f"Sceau {NUMBER}{expected} attendu à partir de la ligne {NUMBER}{first}, sceau {NUMBER}{seal.number} à partir"
        f" de la ligne {NUMBER}{seal.first_id} trouvé{NBSP}: il en manque un, ou il a été récrit."
    )
    return Fault("seals_missing", str(expected), words)


def tail_cut(seal: Seal, newest_id: int) -> Fault:
    """The table ends before the last row that was sealed."""
    words = (
        f"La fin de l’audit manque{NBSP}: il est scellé jusqu’à la ligne {NUMBER}{seal.last_id}, la dernière ligne"
        f" présente est {NUMBER}{newest_id}."
        if newest_id
        else f"L’audit est vide, alors qu’il est scellé jusqu’à la ligne {NUMBER}{seal.last_id}."
    )
    return Fault("tail_cut", str(seal.number), words)


def seals_cut(attested: Attested, newest: int) -> Fault:
    """A witness knows a seal that the database has lost, with every row under it."""
    words = (
        f"Le témoin connaît le sceau {NUMBER}{attested.number} (jusqu’à la ligne {NUMBER}{attested.last_id},"
        f" {attested.at} UTC){NBSP}; la base s’arrête au sceau {NUMBER}{newest}{NBSP}: la fin de l’audit a été retirée."
        if newest
        else f"Le témoin connaît le sceau {NUMBER}{attested.number} ({attested.at} UTC){NBSP}; la base n’en a aucun."
    )
    return Fault("seals_cut", str(attested.number), words)


def witness_differs(attested: Attested) -> Fault:
    """A witness remembers another head for a seal."""
    words = (
        f"Sceau {NUMBER}{attested.number}{NBSP}: il n’est pas celui que le témoin a reçu le {attested.at} UTC."
        f" L’audit a été récrit à la ligne {NUMBER}{attested.last_id} ou avant."
    )
    return Fault("witness_differs", str(attested.number), words)


def case_missing(case_id: UUID, begun_at: datetime) -> Fault:
    """The audit says that a case was begun, and there is no such case."""
    words = (
        f"La demande {case_id}, commencée le {_at(begun_at)} d’après l’audit, n’est plus dans la base{NBSP}: elle a été"
        " retirée."
    )
    return Fault("case_missing", str(case_id), words)


def case_unannounced(case_id: UUID, number: str | None) -> Fault:
    """A case is there whose beginning the audit does not hold."""
    name = f"{number} ({case_id})" if number else str(case_id)
    words = (
        f"La demande {name} est dans la base sans que l’audit en dise le début{NBSP}: elle y a été ajoutée, ou sa ligne"
        " d’audit retirée."
    )
    return Fault("case_unannounced", str(case_id), words)


def _at(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%d/%m/%Y à %H:%M:%S UTC")
