"""An administrator signs in at the prompt: what they do from the machine itself is theirs in the audit."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING

from dermavis.domain.errors import InvalidInput

if TYPE_CHECKING:
    from dermavis.services.work import Actor, System


def signed_in(system: System, email: str) -> Actor:
    """Return the administrator once password and second factor are given. Raises InvalidInput, TooMany."""
    from dermavis.services import sign_in
    from dermavis.services.sessions import find_session

    visitor = sign_in.Visitor(address="127.0.0.1", label="bin/dermavis")
    opened = sign_in.with_password(system, email, _asked(f"Mot de passe de {email} : "), visitor)
    found = find_session(system, opened.token)
    if found is not None and opened.stage != "full":
        opened = sign_in.with_code(system, found.id, _asked(f"Code de {email} : "), visitor)
        found = find_session(system, opened.token)
    if found is None or found.actor is None:
        raise InvalidInput({"administrator": f"{email} n’a pas de rôle aujourd’hui."})
    return found.actor


def _asked(question: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(question)
    return sys.stdin.readline().rstrip("\n")
