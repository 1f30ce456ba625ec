"""What was done or read, in French: one sentence part for each code that the audit holds.

A code without words here is a fault that a test finds: it walks the code for every action written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dermavis.domain.erasure import ERASURE_REASONS
from dermavis.domain.roles import ROLE_NAMES, Role

READINGS: dict[str, str] = {
    "case.read": "Dossier ouvert",
    "photo.read": "Photo regardée",
    "report.read": "Compte rendu ouvert",
    "list.read": "Liste affichée",
    "patient.search": "Recherche d’un patient du site",
    "audit.read": "Audit consulté",
    "audit.export": "Audit exporté",
}

REQUESTS: dict[str, str] = {
    "case.begin": "Demande commencée",
    "case.revision": "Version de la demande enregistrée",
    "case.address": "Demande adressée à une équipe",
    "case.follow_up": "Demande de suite commencée",
    "case.second_opinion": "Second avis demandé à un autre centre",
    "case.second_opinion_taken_over": "Second avis passé à qui a repris la demande",
    "case.regrade": "Urgence changée",
    "case.pool": "Demande confiée à la coordination",
    "case.send_back": "Demande renvoyée au demandeur",
    "case.submit": "Demande transmise aux experts",
    "case.take_back": "État d’avant la signature retrouvé",
    "case.claim": "Demande prise en charge",
    "case.release": "Demande remise à l’équipe",
    "case.hand_over": "Demande passée à un confrère",
    "case.ask": "Demande mise en attente d’une précision",
    "case.resume": "Attente terminée",
    "case.return_unanswered": "Attente terminée sans réponse",
    "case.decline": "Demande refusée par l’expert",
    "case.redirect": "Demande adressée ailleurs",
    "case.cancel": "Demande annulée",
    "case.close": "Demande close",
    "case.reopen": "Demande rouverte",
    "case.mark_error": "Demande marquée comme saisie par erreur",
    "case.erase": "Télédossier effacé",
    "patient.erase": "Patient effacé",
    "patient.identity": "Identité du patient enregistrée",
    "photo.add": "Photo ajoutée",
    "photo.ready": "Photo prête",
    "photo.refused": "Fichier de photo refusé",
    "photo.withdraw": "Photo retirée",
    "pool.hold": "Attente de la coordination notée",
    "admin_note.write": "Note administrative écrite",
}

ANSWERS: dict[str, str] = {
    "opinion.sign": "Avis signé",
    "opinion.take_back": "Signature annulée dans les vingt secondes",
    "case.answer": "Avis rendu",
    "case.correct": "Avis corrigé",
    "delivery.open": "Avis ouvert par le demandeur",
    "delivery.acknowledge": "Avis lu et reconnu",
    "case.open": "Avis ouvert",
    "case.acknowledge": "Avis reconnu",
    "case.replace": "Avis remplacé par un autre",
    "aftermath": "Suites données racontées",
    "case.need": "Rendez-vous à prévoir",
    "case.plan": "Rendez-vous fixé",
    "case.plan_again": "Rendez-vous à prévoir de nouveau",
    "case.move": "Rendez-vous déplacé",
    "case.do": "Rendez-vous honoré",
    "case.miss": "Rendez-vous manqué",
    "case.drop": "Rendez-vous abandonné",
    "case.check": "Facturation vérifiée",
    "case.check_again": "Facturation à vérifier de nouveau",
    "case.export": "Facturation exportée",
    "case.pay": "Acte payé",
    "case.reject": "Facturation rejetée",
    "case.amend": "Facturation corrigée",
    "case.waive": "Acte non facturé",
    "message.note": "Message écrit",
    "message.question": "Précision demandée",
    "message.answer": "Précision donnée",
    "message.question_after": "Question posée après l’avis",
    "message.reply": "Réponse à la question posée après l’avis",
    "question.settle": "Question après l’avis tenue pour réglée",
}

ACCOUNTS: dict[str, str] = {
    "sign_in.password_accepted": "Mot de passe accepté, second facteur demandé",
    "sign_in.completed": "Connexion",
    "sign_in.refused": "Connexion refusée\u00a0: mot de passe",
    "sign_in.code_refused": "Connexion refusée\u00a0: code",
    "sign_out": "Déconnexion",
    "session.unlocked": "Session rouverte par le mot de passe",
    "session.unlock_refused": "Session restée fermée\u00a0: mot de passe refusé",
    "session.ended": "Session terminée",
    "session.ended_others": "Autres sessions terminées",
    "session.ended_by_tries": "Session terminée après trop d’essais",
    "device.forgotten": "Appareil oublié",
    "factor.enrolled": "Second facteur installé",
    "factor.changed": "Second facteur changé",
    "recovery_codes.renewed": "Codes de secours renouvelés",
    "password.forgotten": "Mot de passe oublié\u00a0: lien demandé",
    "password.reset": "Mot de passe remplacé par le lien",
    "password.changed": "Mot de passe changé",
    "invitation.opened": "Invitation ouverte",
    "factor_reset.opened": "Lien du second facteur ouvert",
    "account.changed": "Coordonnées changées",
    "account.absence": "Absence enregistrée",
    "account.acts_for": "Structure choisie",
    "notices.choose": "Réglages des notifications changés",
    "push.subscribe": "Appareil inscrit aux notifications",
}

PEOPLE: dict[str, str] = {
    "person.invited": "Personne invitée",
    "person.revoked": "Compte fermé",
    "person.restored": "Compte rétabli",
    "role.added": "Rôle ajouté",
    "role.ended": "Rôle terminé",
    "factor_reset.asked": "Remise à zéro du second facteur demandée",
    "factor_reset.approved": "Remise à zéro du second facteur acceptée",
}

PLACES: dict[str, str] = {
    "network.created": "Réseau créé",
    "organization.created": "Organisation créée",
    "organization.save": "Organisation enregistrée",
    "organization.close": "Organisation fermée",
    "organization.reopen": "Organisation rouverte",
    "team.save": "Équipe enregistrée",
    "team.members": "Membres d’une équipe changés",
    "charter.publish": "Charte publiée",
    "site.target": "Équipe par défaut d’un site changée",
    "site.coordination": "Coordination d’un site changée",
}

SERVICE: dict[str, str] = {
    "keys.rotation_begun": "Remplacement de la clé maîtresse commencé",
    "keys.rotation_ended": "Ancienne clé maîtresse devenue inutile",
}

GROUPS: dict[str, tuple[str, dict[str, str]]] = {
    "readings": ("Lectures", READINGS),
    "requests": ("Demandes et photos", REQUESTS),
    "answers": ("Avis, messages et suites", ANSWERS),
    "accounts": ("Connexions et comptes", ACCOUNTS),
    "people": ("Personnes et rôles", PEOPLE),
    "places": ("Organisations et chartes", PLACES),
    "service": ("Service", SERVICE),
}
"""What a filter of the audit offers: a group, or one action of it."""

ACTION_WORDS: dict[str, str] = {
    action: words for _, actions in GROUPS.values() for action, words in actions.items()
}

SELF_MADE = frozenset({"sign_out", "invitation.opened", "factor_reset.opened"})
SELF_MADE_KINDS = ("sign_in.", "session.", "password.", "factor.")

PICTURE_ROLES = {"original": "plein format", "diagnostic": "à l’écran", "thumb": "vignette"}
REPORT_FORMS = {"pdf": "PDF", "text": "texte", "txt": "texte"}
LISTS = {
    "requests": "mes demandes",
    "worklist.queue": "à répondre",
    "worklist.waiting": "en attente d’une précision",
    "worklist.answered": "répondus",
}
MOST_CODE = 40
"""Signs of a code that is shown as it is."""


def action_words(action: str) -> str:
    """Return what was done or read; the code itself where a newer release wrote it."""
    return ACTION_WORDS.get(action, action)


def actions_of(wanted: str) -> tuple[str, ...]:
    """Return the actions that a filter asks for: those of a group, or one; none when it names nothing known."""
    if wanted in GROUPS:
        return tuple(GROUPS[wanted][1])
    return (wanted,) if wanted in ACTION_WORDS else ()


def is_self_made(action: str) -> bool:
    """Tell whether the person that a row is about did it themselves, before a session could say who acts."""
    return action in SELF_MADE or action.startswith(SELF_MADE_KINDS)


def detail_words(action: str, detail: Mapping[str, Any], kind: str = "") -> str:
    """Return what else a row tells, in a few words; ``kind`` is its subject's. Never more than the codes it holds."""
    match action:
        case "photo.read":
            return PICTURE_ROLES.get(str(detail.get("role")), "")
        case "report.read":
            return REPORT_FORMS.get(str(detail.get("form")), "")
        case "list.read":
            name = LISTS.get(kind, "")
            return " · ".join(part for part in (name, _count(detail.get("cases"), "demande")) if part)
        case "patient.search":
            return _count(detail.get("found"), "fiche")
        case "person.invited" | "role.added" | "role.ended":
            return _role(str(detail.get("role", "")))
        case "charter.publish" | "case.revision" | "opinion.sign" | "opinion.take_back":
            version = detail.get("version") or detail.get("number")
            return f"version {version}" if isinstance(version, int) else ""
        case "team.members":
            return f"{detail.get('count', 0)} membres" if detail.get("count") != 1 else "1 membre"
        case "keys.rotation_begun" | "keys.rotation_ended":
            return f"version {detail.get('version')}"
        case "case.erase":
            return ERASURE_REASONS.get(str(detail.get("reason")), "")
        case "photo.refused":
            return str(detail.get("reason", ""))[:MOST_CODE]
        case "audit.read" | "audit.export":
            return str(detail.get("number") or "")[:MOST_CODE]
    return ""


def _count(found: Any, noun: str) -> str:
    number = len(found) if isinstance(found, list) else 0
    return f"{number} {noun}{'s' if number > 1 else ''}" if number else ""


def _role(role: str) -> str:
    return ROLE_NAMES[Role(role)] if role in set(Role) else ""
