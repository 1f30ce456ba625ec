"""What may be wrong with the running service, in words: for the page, the letter and the watcher outside."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dermavis.domain.case_states import STATE_WORDS, State
from dermavis.domain.notice_words import EVENTS

NBSP = "\u00a0"

COMPLAINTS: dict[str, str] = {
    "database": "La base de données ne répond pas.",
    "key": "La clé maîtresse des réglages n’est pas celle de la base.",
    "disk_full": "Le disque est presque plein.",
    "memory_short": "La mémoire de la machine est presque épuisée.",
    "notices_late": "Des notifications ou des courriels attendent depuis plus de cinq minutes.",
    "timers_late": "Des échéances (rappels, libérations) attendent depuis plus de cinq minutes.",
    "letters_failing": "Des courriels ne partent pas malgré plusieurs essais\u00a0: vérifiez leur serveur.",
    "timers_failing": "Des échéances échouent malgré plusieurs essais\u00a0: voir le journal.",
    "pictures_late": "Des photos reçues attendent leur préparation depuis plus de cinq minutes.",
    "worker_silent": "Le programme qui envoie et prépare («\u00a0worker\u00a0») ne donne plus signe de vie.",
    "seals_late": "L’audit n’est plus scellé depuis un quart d’heure.",
    "witness_late": "Le témoin de l’audit n’a pas pu être prévenu.",
    "timestamp_late": "L’autorité d’horodatage n’a pas daté l’audit à temps.",
}
"""Code → sentence, the gravest first."""

KINDS: dict[str, str] = {
    "push": "Notifications",
    "mail": "Courriels",
    "pictures": "Photos à préparer",
    "upload_expiry": "Envois de photos abandonnés",
    "forget_photos": "Photos à effacer",
    "housekeeping": "Rangement quotidien",
    "hold_reminder": "Rappel d’une précision demandée",
    "hold_return": "Fin d’attente d’une précision",
    "idle_claim": "Prise en charge sans suite",
    "claim_reminder": "Rappel d’une demande prise",
    "close_answered": "Clôture d’une demande répondue",
    "follow_up_reminder": "Rappel d’un patient à revoir",
    "unread_opinion": "Relance d’un avis non lu",
    "draft_reminder": "Rappel d’un brouillon",
    "stub_reminder": "Rappel d’une demande gardée par un téléphone",
    "queue_reminder": "Rappel d’une demande en attente",
    "pool_reminder": "Rappel à la coordination",
    "pool_leave": "Départ sans la coordination",
    "appointment_reminder": "Rappel d’un rendez-vous à prévoir",
    "question_after": "Relance d’une question après l’avis",
    "declined_reminder": "Rappel d’une demande refusée",
    "second_opinion_late": "Relance d’un second avis en retard",
    "referral_leaves": "Départ d’une demande adressée à un autre centre",
    "anew_reminder": "Rappel d’une demande à renvoyer au bon nom",
    "demand_reminder": "Rappel d’une réponse due à un patient",
    "merge_reminder": "Rappel d’une fusion de fiches à confirmer",
    "pairing": "Doublons possibles d’un patient",
    "pairing_round": "Doublons possibles des patients déjà connus",
}
"""Kinds of rows that the worker takes up, as a page names them."""

LANES: dict[str, str] = {
    "push": "notifications",
    "mail": "courriels",
    "timers": "échéances",
    "pictures": "photos",
    "seals": "sceau de l’audit",
    "stamps": "horodatage de l’audit",
    "watch": "surveillance",
}


REFERENCE = re.compile(r"([2-9A-HJKMNP-TV-Z]{4})-?([2-9A-HJKMNP-TV-Z]{4})")

SHEET: dict[str, str] = {
    "created_at": "Commencée",
    "sent_at": "Envoyée",
    "submitted_at": "Transmise aux experts",
    "claimed_at": "Prise en charge",
    "held_at": "En attente d’une précision depuis",
    "due_at": "Réponse attendue pour",
    "late_at": "En retard à partir de",
    "answered_at": "Répondue",
    "asked_again_at": "Question après l’avis",
    "closed_at": "Close",
    "erased_at": "Effacée",
    "now": "urgent",
    "two_weeks": "sous deux semaines",
    "ordinary": "ordinaire",
    "routine": "courante",
    "soon": "sous 24\u00a0h",
    "urgent": "urgente",
    "gone": "appareil désinscrit",
    "refused": "refusé",
    "given_up": "abandonné",
    "unreadable": "illisible",
    "unknown_kind": "inconnu de cette version",
    "done": "fait",
    "taken_back": "annulé",
    "read": "déjà lu",
    "moved_on": "dépassé",
    "signed_out": "appareil déconnecté",
    "unsubscribed": "appareil désinscrit",
    "awaited": "attendue",
    "uploading": "en cours d’envoi",
    "received": "reçue, en préparation",
    "ready": "prête",
    "withdrawn": "retirée",
    "open": "en cours",
    "complete": "complet",
    "failed": "échoué",
    "original": "plein format",
    "diagnostic": "à l’écran",
    "thumb": "vignette",
}
"""Codes of a case's technical sheet, as it shows them."""


def event_words(event: str) -> str:
    """Return what a notice tells; the code itself where it has no word for it."""
    return EVENTS[event].words if event in EVENTS else event


def sheet_words(code: str) -> str:
    """Return how the sheet shows a code; the code itself where it has no word for it."""
    if code in SHEET:
        return SHEET[code]
    return STATE_WORDS[State(code)] if code in set(State) else code


def reference_of(typed: str) -> str:
    """Return the reference of a request as it is kept, out of what somebody read aloud; nothing when it is none."""
    found = REFERENCE.fullmatch("".join(typed.split()).upper())
    return "-".join(found.groups()) if found else ""


def kind_words(kind: str) -> str:
    """Return how a page names a kind of row; the code itself where a newer release wrote it."""
    return KINDS.get(kind, kind)


def span_words(seconds: float) -> str:
    """Return a span in words, rounded down to its largest unit: « 3 min », « 2 h », « 5 j »."""
    for unit, length in (("j", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{int(seconds // length)}{NBSP}{unit}"
    return f"{int(seconds)}{NBSP}s"


def size_words(size: float) -> str:
    """Return a size in bytes in words: « 12,3 Mo »."""
    for unit, length in (("Go", 1_000_000_000), ("Mo", 1_000_000)):
        if size >= length:
            return f"{size / length:.1f}{NBSP}{unit}".replace(".", ",")
    return f"{size / 1_000:.0f}{NBSP}ko"


def in_words(codes: Sequence[str]) -> list[str]:
    """Return the sentence of each code."""
    return [COMPLAINTS[code] for code in codes]


def alert_letter(codes: Sequence[str], page: str) -> tuple[str, str]:
    """Return subject and text of the letter that tells what is wrong."""
    lines = "\n".join(f"- {words} [{code}]" for code, words in zip(codes, in_words(codes), strict=True))
    text = (
        f"Bonjour,\n\nLe service DermAvis signale{NBSP}:\n\n{lines}\n\n"
        f"L’état du service{NBSP}: {page}\n"
        "Un autre message suivra quand tout sera rentré dans l’ordre, et un rappel toutes les six heures d’ici là.\n\n"
        "DermAvis\n"
    )
    return f"DermAvis · le service demande votre attention ({', '.join(codes)})", text


def all_clear_letter(page: str) -> tuple[str, str]:
    """Return subject and text of the letter that tells that it is over."""
    text = f"Bonjour,\n\nTout est rentré dans l’ordre.\n\nL’état du service{NBSP}: {page}\n\nDermAvis\n"
    return "DermAvis · tout est rentré dans l’ordre", text
