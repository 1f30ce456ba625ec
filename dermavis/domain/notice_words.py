"""What people are told and in which words: an event and a neutral number, never a name, a motive or a picture."""

from __future__ import annotations

from dermavis.domain.expert_news import TO_EXPERTS
from dermavis.domain.notice_event import HOUR, Event, within
from dermavis.domain.requester_news import TO_REQUESTERS

EVENTS: dict[str, Event] = {
    **TO_EXPERTS,
    **TO_REQUESTERS,
    # To coordinators
    "pooled": Event(
        "Demande à relire", "Une demande d’un membre attend votre relecture", while_in=within("pooled")
    ),
    "pool_reminder": Event(
        "Demandes à relire", "Une demande attend votre relecture depuis longtemps", while_in=within("pooled")
    ),
    "pool_stuck": Event(
        "Demande sans destinataire",
        "Aucun centre ne peut prendre une demande en relecture : choisissez un autre destinataire, ou téléphonez",
        "high",
        letter="always",
        while_in=within("pooled"),
    ),
    # To who answers patients' demands about their data
    "demand_due": Event(
        "Réponse due à un patient",
        "La réponse à la demande d’un patient sur ses données est due dans la semaine\u00a0: le jour est sur sa page",
        letter="always",
        ttl=72 * HOUR,
    ),
    "demand_late": Event(
        "Réponse en retard à un patient",
        "La réponse à la demande d’un patient sur ses données aurait dû lui être donnée\u00a0: donnez-la sans attendre",
        letter="always",
        ttl=72 * HOUR,
    ),
    # To who decides whether two records of patients are one
    "merge_proposed": Event(
        "Fiches à comparer",
        "On propose de fusionner deux fiches de patient de votre site\u00a0: dites si c’est la même personne",
    ),
    "merge_waits": Event(
        "Fiches toujours à comparer",
        "Deux fiches de patient de votre site attendent que vous disiez si c’est la même personne",
    ),
    "merge_again": Event(
        "Fiches à relire",
        "Relisez les deux fiches que vous proposez de fusionner\u00a0: vous pouvez maintenant confirmer",
    ),
    "merge_lapsed": Event(
        "Fusion sans suite",
        "Une fusion de fiches que vous avez proposée n’a pas été confirmée\u00a0: les deux fiches restent",
        "low",
    ),
    # To administrators
    "terms_over": Event(
        "Conservation à décider",
        "Des télédossiers sont arrivés au terme de leur conservation\u00a0: rien n’est effacé sans vous",
        "low",
        letter="always",
    ),
    # To everybody
    "identity_corrected": Event(
        "Identité corrigée", "L’identité du patient d’une demande a été corrigée : relisez-la"
    ),
    "message": Event("Nouveau message", "Un message vous attend sur une demande"),
    "entered_in_error": Event(
        "Saisie par erreur",
        "Une demande a été saisie par erreur : n’en tenez pas compte",
        "high",
        letter="always",
        while_in=within("entered_in_error"),
    ),
}


def by_urgency(event: str, urgency: str) -> str:
    """Return the event as it is told of a case of this urgency: an urgent one has words of its own for what presses."""
    pressing = f"{event}_urgent"
    return pressing if urgency == "urgent" and pressing in EVENTS else event
