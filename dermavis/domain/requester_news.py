"""What requesters are told, of their requests and of the opinions on them."""

from __future__ import annotations

from dermavis.domain.notice_event import HOUR, Event, urgent, within

TO_REQUESTERS: dict[str, Event] = {
    "answer_late": Event(
        "Réponse en retard",
        "Le délai promis est passé ; le téléphone du centre est sur votre demande",
        while_in=within("submitted", "claimed"),
    ),
    "answer_late_urgent": urgent(
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
    "precision": Event("Précision demandée", "L’expert a besoin d’une précision", while_in=within("on_hold")),
    "precision_reminder": Event(
        "Précision toujours attendue", "L’expert attend toujours votre précision", while_in=within("on_hold")
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
        "Demande déclinée", "L’expert ne peut pas répondre : choisissez la suite", while_in=within("declined")
    ),
    "declined_reminder": Event(
        "Demande déclinée",
        "Une demande déclinée attend que vous choisissiez la suite",
        while_in=within("declined"),
    ),
    "nobody_takes_it": Event(
        "Demande sans destinataire",
        "Plus personne ne répond là où attend une demande : choisissez un autre centre, ou téléphonez",
        "high",
        letter="always",
        while_in=within("submitted"),
    ),
    "anew_awaited": Event(
        "Demande à renvoyer",
        "Une demande est partie au mauvais nom\u00a0: renvoyez-la au bon nom, ou dites qu’il n’y a rien à renvoyer",
        letter="always",
        while_in=within("entered_in_error"),
    ),
    "redirected": Event("Demande réorientée", "Une demande a été réorientée vers un autre expert"),
    "opened_to_team": Event(
        "Demande ouverte à l’équipe",
        "L’expert choisi n’a pas pris votre demande : toute son équipe peut y répondre",
    ),
    "sent_back": Event(
        "Demande à compléter", "La coordination vous renvoie une demande", while_in=within("draft")
    ),
    "pool_released": Event("Demande envoyée", "La coordination a envoyé votre demande à l’expert", "low"),
    "draft_reminder": Event(
        "Demande non envoyée", "Une demande commencée n’est pas envoyée", while_in=within("draft")
    ),
    "draft_lapses": Event(
        "Brouillon bientôt effacé",
        "Une demande jamais envoyée sera effacée dans trente jours\u00a0: envoyez-la, ou gardez-la en la modifiant",
        letter="always",
        ttl=72 * HOUR,
        while_in=within("draft"),
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
        while_in=within("answered"),
    ),
    "closed": Event("Demande close", "Une demande est close", "low", letter="never"),
    "reopened": Event("Demande rouverte", "Une demande est rouverte"),
}
