"""Repairs by hand: each says first what it would do, is done under a name and for a reason, and may be repeated."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dermavis.settings import Settings

if TYPE_CHECKING:
    from dermavis.services.reassigning import Reassignment

NBSP = "\u00a0"
OPTION = f"Rien n’est fait{NBSP}: c’était un essai. Ajoutez --apply pour le faire."


def reassign(options: argparse.Namespace) -> int:
    """Give a case that nobody follows any more to another team or expert."""
    from dermavis.commands.database import ready_system
    from dermavis.commands.signing_in import signed_in
    from dermavis.services import reassigning
    from dermavis.services.work import writing

    with ready_system(Settings.from_environment()) as system:
        administrator = signed_in(system, options.administrator)
        with writing(system, administrator) as work:
            plan = reassigning.reassign(
                work,
                options.number,
                options.reason,
                team=options.team,
                expert=options.expert,
                apply=options.apply,
            )
    _say_reassignment(plan, options.apply)
    return 0


def resend(options: argparse.Namespace) -> int:
    """Have the notices of a case leave again that failed for good."""
    from dermavis.commands.database import ready_system
    from dermavis.commands.signing_in import signed_in
    from dermavis.domain.service_state import kind_words
    from dermavis.services import resending
    from dermavis.services.work import writing

    with ready_system(Settings.from_environment()) as system:
        administrator = signed_in(system, options.administrator)
        with writing(system, administrator) as work:
            found = resending.resend(work, options.number, options.reason, apply=options.apply)
    for notice in found:
        error = f" ({notice.error})" if notice.error else ""
        verdict = f"ne peut pas repartir{NBSP}: {notice.why_not}" if notice.why_not else "repart"
        print(f"{kind_words(notice.channel)} · {notice.event} · {notice.outcome}{error}{NBSP}: {verdict}.")
    _say_rest(found, [notice for notice in found if not notice.why_not], options.apply)
    return 0


def replay(options: argparse.Namespace) -> int:
    """Have what the worker gave up done anew."""
    from dermavis.commands.database import ready_system
    from dermavis.commands.signing_in import signed_in
    from dermavis.domain.service_state import kind_words
    from dermavis.services import replaying
    from dermavis.services.work import writing

    with ready_system(Settings.from_environment()) as system:
        administrator = signed_in(system, options.administrator)
        with writing(system, administrator) as work:
            found = replaying.replay(
                work, options.reason, number=options.number, kind=options.kind, apply=options.apply
            )
    for row in found:
        verdict = f"ne peut pas être relancé{NBSP}: {row.why_not}" if row.why_not else "relancé"
        ended = f"{row.ended_at:%d/%m/%Y %H:%M} UTC" if row.ended_at else "?"
        print(
            f"{kind_words(row.kind)} · {row.number or 'sans demande'} · abandonné le {ended}{NBSP}: {verdict}."
        )
    _say_rest(found, [row for row in found if not row.why_not], options.apply)
    return 0


def repair_reasons_in_words() -> str:
    """Return what may be typed as a reason, each with its meaning."""
    from dermavis.domain.repairs import REPAIR_REASONS

    return ", ".join(f"{code} ({words})" for code, words in REPAIR_REASONS.items())


def _say_reassignment(plan: Reassignment, applied: bool) -> None:
    before = ", ".join(part for part in (plan.from_team, plan.from_person) if part) or "personne"
    after = ", ".join(part for part in (plan.to_team, plan.to_person) if part)
    if plan.already:
        print(f"Le télédossier {plan.number} est déjà là{NBSP}: {after}. Rien à faire.")
        return
    print(f"Télédossier {plan.number}{NBSP}: de {before} à {after}.")
    print("Fait. Ceux qui peuvent répondre sont prévenus." if applied else OPTION)


def _say_rest(found: Sequence[object], again: Sequence[object], applied: bool) -> None:
    if not found:
        print("Rien n’a été abandonné ici.")
    elif not again:
        print("Rien ne peut repartir.")
    else:
        print(f"Fait{NBSP}: {len(again)}." if applied else OPTION)
