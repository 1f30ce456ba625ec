"""How an event is written on a locked screen and in a letter: its words, a neutral number, the page to open."""

from __future__ import annotations

from dermavis.domain.notice_words import EVENTS


def title(event: str, number: str) -> str:
    """Return ``Avis rendu · D-4821``: all that a locked screen or a mailbox ever shows."""
    words = EVENTS[event].words
    return f"{words} · {number}" if number else words


def letter(event: str, number: str, address: str) -> tuple[str, str]:
    """Return subject and text of the letter about an event; ``address`` is the page to open."""
    about = f" (dossier {number})" if number else ""
    return title(event, number), (
        "Bonjour,\n\n"
        f"{EVENTS[event].sentence}{about}.\n\n"
        f"Ouvrez DermAvis : {address}\n\n"
        "Ce message ne contient volontairement ni nom ni information médicale."
        " N’y répondez pas : écrivez sur la demande elle-même.\n\n"
        "DermAvis\n"
    )
