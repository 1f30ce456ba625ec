"""What people are told and in which words: an event and a neutral number, never a name, a motive or a picture."""

from __future__ import annotations

from dataclasses import dataclass, field

HOUR = 3600


@dataclass(frozen=True)
class Event:
    """Something that happened to a case. ``words`` are the title, ``sentence`` begins the letter.

    ``urgency`` is the push's (RFC 8030) and ``ttl`` its life in seconds. ``letter``: ``always`` leaves at once, for
    everybody; ``unread`` only when the notification was not opened. ``while_in``: states of the question in which the
    news is still news; empty for news that never ages. ``until_read``: no news once the opinion was acknowledged.
    ``high`` urgency is not held back by quiet hours.
    """

    words: str
    sentence: str
    urgency: str = "normal"
    ttl: int = 24 * HOUR
    letter: str = "unread"
    while_in: frozenset[str] = field(default_factory=frozenset)
    until_read: bool = False


def _in(*states: str) -> frozenset[str]:
    return frozenset(states)


def _urgent(words: str, sentence: str, *states: str) -> Event:
    return Event(words, sentence, "high", 4 * HOUR, "always", _in(*states))


EVENTS: dict[str, Event] = {
    # To experts
    "submitted": Event(
        "Nouvelle demande", "Une nouvelle demande vous est adressée", while_in=_in("submitted")
    ),
    "submitted_urgent": _urgent("Demande urgente", "Une demande urgente vous est adressée", "submitted"),
    "returned_to_queue": Event(
        "Demande de nouveau libre", "Une demande est revenue dans votre file", while_in=_in("submitted")
    ),
    "returned_to_queue_urgent": _urgent(
        "Demande urgente libre", "Une demande urgente est revenue dans votre file", "submitted"
    ),
    "queue_waits": Event(
        "Demande toujours libre",
        "Une demande attend toujours que quelqu’un de votre centre la prenne",
        while_in=_in("submitted"),
    ),
    "queue_waits_urgent": _urgent(
        "Urgence que personne n’a prise",
        "Une demande urgente attend toujours que quelqu’un de votre centre la prenne",
        "submitted",
    ),
    "handed_over": Event("Demande confiée", "Un confrère vous confie une demande"),
    "handed_over_urgent": _urgent(
        "Demande urgente confiée", "Un confrère vous confie une demande urgente", "claimed", "on_hold"
    ),
    "handed_back": Event("Demande rendue", "Un confrère vous rend une demande que vous lui aviez confiée"),
    "handed_back_urgent": _urgent(
        "Demande urgente rendue",
        "Un confrère vous rend une demande urgente que vous lui aviez confiée",
        "claimed",
        "on_hold",
    ),
    "gone_elsewhere": Event(
        "Demande partie ailleurs", "Une demande de votre file a été adressée à une autre équipe"
    ),
    "claim_reminder": Event(
        "Demande en attente", "Une demande que vous avez prise attend votre avis", while_in=_in("claimed")
    ),
    "claim_reminder_urgent": _urgent(
        "Demande urgente en attente", "Une demande urgente que vous avez prise attend votre avis", "claimed"
    ),
    "claim_released": Event(
        "Demande rendue à la file", "Une demande que vous aviez prise est revenue à la file"
    ),
    "late": Event("Demande en retard", "Une demande dépasse le délai promis"),
    "late_urgent": _urgent(
        "Demande urgente en retard", "Une demande urgente dépasse le délai promis", "submitted", "claimed"
    ),
    "answered_precision": Event("Précision reçue", "Le demandeur a répondu à votre question"),
    "returned_unanswered": Event(
        "Sans réponse", "Votre question est restée sans réponse ; la demande vous revient"
    ),
    "question_after": Event(
        "Question après l’avis", "Le demandeur pose une question après votre avis", while_in=_in("answered")
    ),
    "question_waits": Event(
        "Question toujours sans réponse",
        "Une question posée après un avis attend toujours sa réponse",
        while_in=_in("answered"),
    ),
    "completed": Event("Demande complétée", "Une demande que vous suivez a été complétée"),
    "picture_added": Event("Nouvelle photographie", "Une photographie a été ajoutée à une demande"),
    "cancelled": Event("Demande annulée", "Une demande qui vous était adressée a été annulée"),
    "regraded": Event("Délai modifié", "Le délai d’une demande a été modifié"),
    "became_urgent": _urgent("Demande devenue urgente", "Une demande que vous avez prise presse"),
    "second_opinion_late": Event(
        "Second avis en retard",
        "Le second avis que vous avez demandé dépasse son délai ; la demande reste à vous",
        while_in=_in("claimed", "on_hold"),
    ),
    "referral_declined": Event(
        "Demande adressée, déclinée",
        "Le centre à qui vous avez adressé une demande l’a déclinée ; son demandeur choisit la suite",
    ),
    "first_opinion_changed": Event(
        "Premier avis modifié", "Le centre qui vous adresse une demande a modifié son propre avis"
    ),
    # To requesters
    "answer_late": Event(
        "Réponse en retard",
        "Le délai promis est passé ; le téléphone du centre est sur votre demande",
        while_in=_in("submitted", "claimed"),
    ),
    "answer_late_urgent": _urgent(
        "Réponse urgente en retard",
        "Le délai promis est passé ; téléphonez au centre, son numéro est sur votre demande",
        "submitted",
        "claimed",
    ),
    "second_opinion": Event(
        "Second avis demandé", "L’expert demande l’avis d’un autre centre ; il vous répondra lui-même", "low"
    ),
    "referred": Event(
        "Adressée à un autre centre",
        "L’expert vous répond, et un autre centre répondra aussi à votre demande",
    ),
    "claimed": Event("Demande prise en charge", "Un expert a pris votre demande", "low"),
    "precision": Event("Précision demandée", "L’expert a besoin d’une précision", while_in=_in("on_hold")),
    "precision_reminder": Event(
        "Précision toujours attendue", "L’expert attend toujours votre précision", while_in=_in("on_hold")
    ),
    "opinion": Event("Avis rendu", "L’avis de l’expert est rendu", letter="always", ttl=72 * HOUR),
    "opinion_copy": Event(
        "Avis reçu",
        "Un avis est rendu pour un de vos patients, à la demande d’un confrère",
        letter="always",
        ttl=72 * HOUR,
    ),
    "opinion_now": Event(
        "Avis urgent à lire", "Un avis urgent est rendu : lisez-le maintenant", "high", 24 * HOUR, "always"
    ),
    "opinion_corrected": Event(
        "Avis corrigé",
        "Un avis déjà rendu est corrigé : lisez la nouvelle version",
        "high",
        72 * HOUR,
        "always",
    ),
    "opinion_completed": Event(
        "Avis complété",
        "Un avis déjà rendu est complété : lisez la nouvelle version",
        "high",
        72 * HOUR,
        "always",
    ),
    "opinion_now_unread": Event(
        "Avis urgent non lu",
        "Personne n’a encore lu un avis urgent : lisez-le, ou joignez le médecin ou le patient",
        "high",
        24 * HOUR,
        "always",
        until_read=True,
    ),
    "opinion_unread": Event(
        "Avis non lu", "Un avis attend toujours d’être lu", letter="always", until_read=True
    ),
    "patient_reached": Event("Patient joint", "Le centre a joint votre patient : lisez son avis", "high"),
    "declined": Event(
        "Demande déclinée", "L’expert ne peut pas répondre : choisissez la suite", while_in=_in("declined")
    ),
    "declined_reminder": Event(
        "Demande déclinée",
        "Une demande déclinée attend que vous choisissiez la suite",
        while_in=_in("declined"),
    ),
    "nobody_takes_it": Event(
        "Demande sans destinataire",
        "Plus personne ne répond là où attend une demande : choisissez un autre centre, ou téléphonez",
        "high",
        letter="always",
        while_in=_in("submitted"),
    ),
    "anew_awaited": Event(
        "Demande à renvoyer",
        "Une demande est partie au mauvais nom\u00a0: renvoyez-la au bon nom, ou dites qu’il n’y a rien à renvoyer",
        letter="always",
        while_in=_in("entered_in_error"),
    ),
    "redirected": Event("Demande réorientée", "Une demande a été réorientée vers un autre expert"),
    "opened_to_team": Event(
        "Demande ouverte à l’équipe",
        "L’expert choisi n’a pas pris votre demande : toute son équipe peut y répondre",
    ),
    "sent_back": Event(
        "Demande à compléter", "La coordination vous renvoie une demande", while_in=_in("draft")
    ),
    "pool_released": Event("Demande envoyée", "La coordination a envoyé votre demande à l’expert", "low"),
    "draft_reminder": Event(
        "Demande non envoyée", "Une demande commencée n’est pas envoyée", while_in=_in("draft")
    ),
    "draft_lapses": Event(
        "Brouillon bientôt effacé",
        "Une demande jamais envoyée sera effacée dans trente jours\u00a0: envoyez-la, ou gardez-la en la modifiant",
        letter="always",
        ttl=72 * HOUR,
        while_in=_in("draft"),
    ),
    "picture_refused": Event("Photographie à refaire", "Une photographie n’a pas pu être lue", "high"),
    "appointment": Event("Rendez-vous", "Le centre a donné un rendez-vous"),
    "appointment_reminder": Event("Rendez-vous à donner", "Un rendez-vous est encore à donner"),
    "appointment_dropped": Event(
        "Rendez-vous devenu inutile", "Un avis corrigé ne demande plus le rendez-vous déjà donné"
    ),
    "appointment_past": Event("Rendez-vous passé", "Dites en un geste ce qu’est devenu un rendez-vous"),
    "aftermath_reminder": Event("Suite à dire", "Dites en un geste ce qui a été fait après l’avis"),
    "follow_up_due": Event(
        "Patient à revoir",
        "Un avis demandait de revoir un patient à distance\u00a0: c’est le moment d’envoyer la suite",
        letter="always",
        ttl=72 * HOUR,
        while_in=_in("answered"),
    ),
    "closed": Event("Demande close", "Une demande est close", "low", letter="never"),
    "reopened": Event("Demande rouverte", "Une demande est rouverte"),
    # To coordinators
    "pooled": Event(
        "Demande à relire", "Une demande d’un membre attend votre relecture", while_in=_in("pooled")
    ),
    "pool_reminder": Event(
        "Demandes à relire", "Une demande attend votre relecture depuis longtemps", while_in=_in("pooled")
    ),
    "pool_stuck": Event(
        "Demande sans destinataire",
        "Aucun centre ne peut prendre une demande en relecture : choisissez un autre destinataire, ou téléphonez",
        "high",
        letter="always",
        while_in=_in("pooled"),
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
        while_in=_in("entered_in_error"),
    ),
}


def by_urgency(event: str, urgency: str) -> str:
    """Return the event as it is told of a case of this urgency: an urgent one has words of its own for what presses."""
    pressing = f"{event}_urgent"
    return pressing if urgency == "urgent" and pressing in EVENTS else event
