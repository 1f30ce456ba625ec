"""The sealed audit: sealing it at once, and finding out whether anything of it was changed.

Verifying reads and writes nothing, so that a copy can be verified as well as the database that serves.
"""

from __future__ import annotations

import argparse
import os
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

from dermavis.domain.errors import InvalidInput
from dermavis.settings import Settings

if TYPE_CHECKING:
    from dermavis.domain.audit_witness import Attested
    from dermavis.services.audit_verification import Verification
    from dermavis.services.work import System

NBSP = "\u00a0"


def audit_seal(_options: argparse.Namespace) -> int:
    """Seal everything that is there, and tell the witness."""
    from dermavis.commands.database import ready_system
    from dermavis.services.audit_sealing import seal_all, tell_witness

    with ready_system(Settings.from_environment()) as system:
        newest = seal_all(system)
        told = tell_witness(system, at_once=True)
        if newest is None:
            print("Rien n’est à sceller.")
        else:
            print(f"Scellé jusqu’à la ligne n°{NBSP}{newest.last_id} (sceau n°{NBSP}{newest.number}).")
        if system.witness is None:
            print(
                "Sans témoin extérieur (AUDIT_WITNESS), le sceau ne protège pas de qui peut récrire la base."
            )
        elif newest is not None and not told:
            print(f"Le témoin n’a PAS pu être prévenu{NBSP}: ce sera retenté chaque minute.")
            return 1
    return 0


def audit_verify(options: argparse.Namespace) -> int:
    """Compare rows, seals, witness and cases; say what does not agree. 1 when anything does not."""
    from dermavis.commands.database import ready_system
    from dermavis.services.audit_verification import verify

    settings = Settings.from_environment()
    with ready_system(settings) as system:
        path = options.witness or _own_witness(system)
        witness = _attested(path) if path else []
        found = verify(system, witness)
    for fault in found.faults:
        print(fault.words)
    if found.faults:
        print(f"\nL’audit n’est PAS intact{NBSP}: ce qui ne va pas est dit ci-dessus ({len(found.faults)}).")
    else:
        print(
            f"L’audit est intact{NBSP}: {_count(found.rows, 'ligne')} sous {_count(found.seals, 'sceau', 'x')},"
            " et les demandes lui répondent."
        )
    _say_reach(found, path, settings.audit_witness, checked=bool(settings.audit_timestamp_url))
    return 1 if found.faults else 0


def _own_witness(system: System) -> Path | None:
    """The file that the settings name as the witness, where it is seen from here and holds anything."""
    from dermavis.adapters.witness import FileWitness

    path = system.witness.path if isinstance(system.witness, FileWitness) else None
    return path if path is not None and os.access(path, os.R_OK) and path.stat().st_size else None


def _attested(path: Path) -> list[Attested]:
    from dermavis.domain.audit_witness import attested_in

    try:
        found = list(attested_in(path.read_text("utf-8", errors="replace")))
    except OSError as error:
        raise InvalidInput({"witness": f"Le témoin {path} n’est pas lisible ({error.strerror})."}) from error
    if not found:
        raise InvalidInput({"witness": f"Aucun sceau n’est noté dans {path}{NBSP}: ce n’est pas un témoin."})
    return found


def _count(number: int, noun: str, plural: str = "s") -> str:
    return f"{number} {noun}{plural if number > 1 else ''}"


def _say_reach(found: Verification, path: Path | None, named: str, checked: bool) -> None:
    """How far the verification reaches: what is not sealed yet, what no witness vouches for."""
    if found.unsealed:
        since = (
            f" depuis le {found.unsealed_since.astimezone(UTC):%d/%m/%Y à %H:%M:%S} UTC"
            if found.unsealed_since
            else ""
        )
        print(f"À noter{NBSP}: lignes qui attendent leur sceau{since}{NBSP}: {found.unsealed}.")
    if found.stamps:
        verdict = f"vérifiés jusqu’au sceau n°{NBSP}{found.stamped_to}"
        if not checked:
            verdict = "pas vérifiés ici (AUDIT_TIMESTAMP_URL et AUDIT_TIMESTAMP_CA manquent)"
        print(f"Horodatages{NBSP}: {found.stamps}, {verdict}.")
    if path is None and named:
        print(
            f"À noter{NBSP}: le témoin des réglages ({named}) n’est pas lisible d’ici, ou n’a rien noté{NBSP}: rien"
            " ne lui a été comparé (--witness FICHIER)."
        )
    elif path is None:
        print(
            f"À noter{NBSP}: sans témoin, une récriture de toute la base, sceaux compris, ne se verrait pas"
            " (--witness FICHIER)."
        )
    elif found.attested_to < found.seals:
        print(
            f"À noter{NBSP}: le témoin {path} va jusqu’au sceau n°{NBSP}{found.attested_to} sur {found.seals}."
        )
