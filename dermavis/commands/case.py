"""One case, from the machine itself: erasing it for good."""

from __future__ import annotations

import argparse

from dermavis.settings import Settings


def case_erase(options: argparse.Namespace) -> int:
    """Destroy the content of a case, by an administrator of its network who signs in at the prompt."""
    from dermavis.adapters.database_traces import wipe
    from dermavis.commands.database import ready_system
    from dermavis.commands.signing_in import signed_in
    from dermavis.services.erasure import erase_case
    from dermavis.services.work import writing

    with ready_system(Settings.from_environment()) as system:
        with writing(system, signed_in(system, options.administrator)) as work:
            erased = erase_case(work, options.number, options.reason)
        gone = wipe(system.engine, erased.keys)
        on_sqlite = system.on_sqlite
    if erased.again:
        print(f"Le télédossier {erased.number} était déjà effacé.")
    else:
        patient = " ; son patient, qui n’en avait pas d’autre, aussi" if erased.with_patient else ""
        print(f"Le télédossier {erased.number} est effacé : clé, textes, {erased.files} fichiers{patient}.")
    if not gone:
        print("La base est restée occupée : des octets effacés y sont encore. Relancez la même commande.")
        return 1
    if on_sqlite:
        print("Plus aucun octet de ses clés n’est dans le fichier de la base.")
    else:
        print("PostgreSQL garde un temps d’anciennes pages : voyez docs/operations.md, « Erasing a case ».")
    print("Les sauvegardes faites avant l’ont encore : elles s’effacent à leur terme.")
    return 0


def reasons_in_words() -> str:
    """Return what may be typed as a reason, each with its meaning."""
    from dermavis.domain.erasure import ERASURE_REASONS

    return ", ".join(f"{code} ({words})" for code, words in ERASURE_REASONS.items())
