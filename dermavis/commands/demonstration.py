"""The demonstration: loading it once, who can sign in, and the codes of its accounts."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from dermavis.settings import Settings, SettingsRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dermavis.models import Person
    from dermavis.services.work import System

EMAIL_CODE = re.compile(r"\b\d{6}\b")


def demonstration_load(_options: argparse.Namespace) -> int:
    """Load the demonstration into an empty database."""
    from dermavis.commands.database import ready_system

    settings = _demonstration_settings()
    with ready_system(settings) as system:
        load_once(system)
    print_accounts(settings)
    return 0


def demonstration_accounts(_options: argparse.Namespace) -> int:
    """List the accounts of the demonstration."""
    print_accounts(_demonstration_settings())
    return 0


def load_once(system: System) -> None:
    """Load the demonstration unless somebody is in the database already."""
    from dermavis.demonstration import load

    if not _demonstration_people(system):
        load(system)


def print_accounts(settings: Settings) -> None:
    """Say who can sign in, and how their codes are seen."""
    from dermavis.demonstration import PASSWORD, SHOWN_ACCOUNTS

    width = max(len(email) for email, _ in SHOWN_ACCOUNTS)
    print(f"\nComptes de démonstration (mot de passe : {PASSWORD})")
    for email, role in SHOWN_ACCOUNTS:
        print(f"  {email:{width}}  {role}")
    print(
        f"Leur code : bin/dermavis code ADRESSE   Leurs courriels : {settings.origin}/demonstration/mailbox\n"
    )


def code(options: argparse.Namespace) -> int:
    """Print the present code of a demonstration account: authenticator, or last code sent by e-mail."""
    from dermavis.commands.database import ready_system

    with ready_system(_demonstration_settings()) as system:
        person = _only_one(_demonstration_people(system, options.name), options.name)
        print(_totp_line(system, person) if person.totp_sealed else _email_code_line(system, person))
    return 0


def _demonstration_settings() -> Settings:
    settings = Settings.from_environment()
    if settings.production:
        raise SettingsRefused("En production il n’y a ni comptes de démonstration ni codes à montrer.")
    return settings


def _demonstration_people(system: System, name: str = "") -> list[Person]:
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from dermavis.domain.text import plain
    from dermavis.models import Person

    with Session(system.engine, expire_on_commit=False) as session:
        people = session.scalars(select(Person).where(Person.demonstration).order_by(Person.email)).all()
    wanted = plain(name)
    return [
        person
        for person in people
        if person.email == name or wanted in plain(f"{person.first_name} {person.last_name} {person.email}")
    ]


def _only_one(people: Sequence[Person], name: str) -> Person:
    exact = [person for person in people if person.email == name]
    found = exact or list(people)
    if len(found) == 1:
        return found[0]
    if not found:
        raise SystemExit(f"Aucun compte de démonstration ne répond à « {name} ».")
    addresses = "\n".join(f"  {person.email}" for person in found)
    raise SystemExit(f"Plusieurs comptes répondent à « {name} » :\n{addresses}")


def _totp_line(system: System, person: Person) -> str:
    import pyotp

    from dermavis.models import TotpUse
    from dermavis.services.second_factor import STEP, secret_of, step_of
    from dermavis.services.work import reading

    with reading(system) as work:
        step = step_of(work.now)
        if work.session.get(TotpUse, (person.id, step)) is not None:
            step += 1  # the present one is spent; the next is accepted already
        code = pyotp.TOTP(secret_of(work, person) or "").generate_otp(step)
        left = (step_of(work.now) + 1) * STEP - int(work.now.timestamp())
    return f"{code}   ({person.email}, encore {left} s, une seule fois)"


def _email_code_line(system: System, person: Person) -> str:
    from dermavis.adapters.mailbox import MailboxFolder

    letters = system.mail.list() if isinstance(system.mail, MailboxFolder) else []
    for letter in letters:
        found = EMAIL_CODE.search(letter.text)
        if letter.to == person.email and found:
            return f"{found.group()}   ({person.email}, envoyé le {letter.sent_at:%d/%m/%Y à %H:%M} UTC)"
    raise SystemExit(f"{person.email} reçoit ses codes par courriel, et aucun n’a encore été demandé.")
