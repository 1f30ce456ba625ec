"""What was done or read, in French: one sentence part for each code that the audit holds.

A code without words here is a fault that a test finds: it walks the code for every action written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dermavis.domain.demands import IDENTITY_CHECKS, KINDS
from dermavis.domain.erasure import ERASURE_REASONS, SELF_ERASURES
from dermavis.domain.legal_hold import HOLD_REASONS
from dermavis.domain.repairs import REPAIR_REASONS
from dermavis.domain.roles import ROLE_NAMES, Role

READINGS: dict[str, str] = {
    "case.read": "Dossier ouvert",
    "photo.read": "Photo regardée",
    "report.read": "Compte rendu ouvert",
    "list.read": "Liste affichée",
    "patient.search": "Recherche d’un patient du site",
    "patient.compare": "Fiches de patients comparées",
    "audit.read": "Audit consulté",
    "audit.export": "Audit exporté",
    "support.read": "Fiche technique d’une demande ouverte",
    "retention.read": "Conservation d’un dossier regardée",
    "demand.read": "Demande d’un patient sur ses données ouverte",
    "demand.list": "Demandes des patients exportées",
    "access.hand_over": "Dossier remis au patient",
}

REQUESTS: dict[str, str] = {
    "case.begin": "Demande commencée",
    "case.revision": "Version de la demande enregistrée",
    "case.address": "Demande adressée à une équipe",
    "case.follow_up": "Demande de suite commencée",
    "case.second_opinion": "Second avis demandé à un autre centre",
    "case.second_opinion_taken_over": "Second avis passé à qui a repris la demande",
    "case.referral": "Demande adressée à un autre centre, avec un avis",
    "case.first_opinion": "Avis du premier centre transmis au second",
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
    "case.lapse": "Brouillon jamais envoyé, arrivé à son terme",
    "case.close": "Demande close",
    "case.reopen": "Demande rouverte",
    "case.mark_error": "Demande marquée comme saisie par erreur",
    "case.send_anew": "Demande refaite au bon nom",
    "case.anew_declined": "Rien à renvoyer après une saisie par erreur",
    "case.erase": "Télédossier effacé",
    "patient.erase": "Patient effacé",
    "patient.identity": "Identité du patient enregistrée",
    "patient.merge_propose": "Fusion de deux fiches proposée",
    "patient.merge_lapse": "Fusion proposée de deux fiches, sans suite",
    "patient.merge": "Deux fiches de patient fusionnées",
    "patient.merge_undo": "Fusion de deux fiches annulée",
    "patient.keep_apart": "Deux fiches tenues pour deux personnes",
    "photo.add": "Photo ajoutée",
    "photo.carry": "Photo d’une demande saisie par erreur confirmée et reprise",
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
    "opinion.patient_reached": "Patient ou médecin joint au sujet d’un avis non lu",
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
    "session.unlocked": "Session rouverte après une heure",
    "session.locked_by_codes": "Session fermée après cinq codes faux",
    "session.unlock_refused": "Session restée fermée\u00a0: mot de passe ou code refusé",
    "session.ended": "Session terminée",
    "session.ended_others": "Autres sessions terminées",
    "session.ended_by_tries": "Session terminée après trop d’essais",
    "device.forgotten": "Appareil oublié",
    "device.stolen": "Appareil signalé perdu ou volé",
    "device.destroyed": "Brouillons détruits sur un appareil perdu ou volé",
    "device.code_set": "Code choisi pour un appareil",
    "device.code_removed": "Code d’un appareil supprimé",
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
    "photo_course.finish": "Formation photo suivie",
    "notices.choose": "Réglages des notifications changés",
    "push.subscribe": "Appareil inscrit aux notifications",
}

PEOPLE: dict[str, str] = {
    "person.invited": "Personne invitée",
    "person.revoked": "Compte fermé",
    "person.taken_over": "Télédossiers d’un compte fermé repris par un confrère",
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
    "card.print": "Planche de cartes-repères imprimée",
    "card.verify": "Planche de cartes-repères vérifiée",
    "card.withdraw": "Planche de cartes-repères retirée",
}

RIGHTS: dict[str, str] = {
    "legal_hold.set": "Dossier retenu pour la justice",
    "legal_hold.lift": "Dossier plus retenu pour la justice",
    "demand.register": "Demande d’un patient sur ses données enregistrée",
    "demand.check": "Identité du demandeur vérifiée",
    "demand.extend": "Délai de réponse prolongé",
    "demand.note": "Note ajoutée à la demande d’un patient",
    "demand.close": "Réponse donnée à la demande d’un patient",
    "patient.died": "Décès du patient noté",
    "patient.oppose": "Opposition du patient à tout usage hors soins",
    "statement.attach": "Déclaration du patient jointe au dossier",
}

SERVICE: dict[str, str] = {
    "keys.rotation_begun": "Remplacement de la clé maîtresse commencé",
    "keys.rotation_ended": "Ancienne clé maîtresse devenue inutile",
    "case.reassign": "Demande réattribuée par l’exploitation",
    "notices.resend": "Notifications renvoyées par l’exploitation",
    "worker.replay": "Tâches abandonnées relancées par l’exploitation",
}

GROUPS: dict[str, tuple[str, dict[str, str]]] = {
    "readings": ("Lectures", READINGS),
    "requests": ("Demandes et photos", REQUESTS),
    "answers": ("Avis, messages et suites", ANSWERS),
    "accounts": ("Connexions et comptes", ACCOUNTS),
    "people": ("Personnes et rôles", PEOPLE),
    "places": ("Organisations et chartes", PLACES),
    "rights": ("Droits des patients", RIGHTS),
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
    "received": "avis reçus comme médecin traitant",
    "worklist.queue": "à répondre",
    "worklist.waiting": "en attente d’une précision",
    "worklist.answered": "répondus",
}
FROM_CODE: dict[str, tuple[str, dict[str, str]]] = {
    "photo.read": ("role", PICTURE_ROLES),
    "report.read": ("form", REPORT_FORMS),
    "case.erase": ("reason", ERASURE_REASONS | SELF_ERASURES),
    "case.reassign": ("reason", REPAIR_REASONS),
    "notices.resend": ("reason", REPAIR_REASONS),
    "worker.replay": ("reason", REPAIR_REASONS),
    "legal_hold.set": ("reason", HOLD_REASONS),
    "access.hand_over": ("to", {"patient": "remis au patient"}),
    "demand.register": ("kind", KINDS),
    "demand.check": ("how", IDENTITY_CHECKS),
}
"""Actions of which one code of the row says more, and its words."""

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
    if action in FROM_CODE:
        part, words = FROM_CODE[action]
        return words.get(str(detail.get(part)), "")
    match action:
        case "list.read":
            name = LISTS.get(kind, "")
            return " · ".join(part for part in (name, _count(detail.get("cases"), "demande")) if part)
        case "patient.search" | "patient.compare":
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
