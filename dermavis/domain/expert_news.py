"""What experts are told."""

from __future__ import annotations

from dermavis.domain.notice_event import Event, urgent, within

TO_EXPERTS: dict[str, Event] = {
    "submitted": Event(
        "Nouvelle demande", "Une nouvelle demande vous est adressée", while_in=within("submitted")
    ),
    "submitted_urgent": urgent("Demande urgente", "Une demande urgente vous est adressée", "submitted"),
    "returned_to_queue": Event(
        "Demande de nouveau libre", "Une demande est revenue dans votre file", while_in=within("submitted")
    ),
    "returned_to_queue_urgent": urgent(
        "Demande urgente libre", "Une demande urgente est revenue dans votre file", "submitted"
    ),
    "queue_waits": Event(
        "Demande toujours libre",
        "Une demande attend toujours que quelqu’un de votre centre la prenne",
        while_in=within("submitted"),
    ),
    "queue_waits_urgent": urgent(
        "Urgence que personne n’a prise",
        "Une demande urgente attend toujours que quelqu’un de votre centre la prenne",
        "submitted",
    ),
    "handed_over": Event("Demande confiée", "Un confrère vous confie une demande"),
    "handed_over_urgent": urgent(
        "Demande urgente confiée", "Un confrère vous confie une demande urgente", "claimed", "on_hold"
    ),
    "handed_back": Event("Demande rendue", "Un confrère vous rend une demande que vous lui aviez confiée"),
    "handed_back_urgent": urgent(
        "Demande urgente rendue",
        "Un confrère vous rend une demande urgente que vous lui aviez confiée",
        "claimed",
        "on_hold",
    ),
    "gone_elsewhere": Event(
        "Demande partie ailleurs", "Une demande de votre file a été adressée à une autre équipe"
    ),
    "claim_reminder": Event(
        "Demande en attente", "Une demande que vous avez prise attend votre avis", while_in=within("claimed")
    ),
    "claim_reminder_urgent": urgent(
        "Demande urgente en attente", "Une demande urgente que vous avez prise attend votre avis", "claimed"
    ),
    "claim_released": Event(
        "Demande rendue à la file", "Une demande que vous aviez prise est revenue à la file"
    ),
    "late": Event("Demande en retard", "Une demande dépasse le délai promis"),
    "late_urgent": urgent(
        "Demande urgente en retard", "Une demande urgente dépasse le délai promis", "submitted", "claimed"
    ),
    "answered_precision": Event("Précision reçue", "Le demandeur a répondu à votre question"),
    "returned_unanswered": Event(
        "Sans réponse", "Votre question est restée sans réponse ; la demande vous revient"
    ),
    "question_after": Event(
        "Question après l’avis",
        "Le demandeur pose une question après votre avis",
        while_in=within("answered"),
    ),
    "question_waits": Event(
        "Question toujours sans réponse",
        "Une question posée après un avis attend toujours sa réponse",
        while_in=within("answered"),
    ),
    "completed": Event("Demande complétée", "Une demande que vous suivez a été complétée"),
    "picture_added": Event("Nouvelle photographie", "Une photographie a été ajoutée à une demande"),
    "cancelled": Event("Demande annulée", "Une demande qui vous était adressée a été annulée"),
    "regraded": Event("Délai modifié", "Le délai d’une demande a été modifié"),
    "became_urgent": urgent("Demande devenue urgente", "Une demande que vous avez prise presse"),
    "second_opinion_late": Event(
        "Second avis en retard",
        "Le second avis que vous avez demandé dépasse son délai ; la demande reste à vous",
        while_in=within("claimed", "on_hold"),
    ),
    "referral_declined": Event(
        "Demande adressée, déclinée",
        "Le centre à qui vous avez adressé une demande l’a déclinée ; son demandeur choisit la suite",
    ),
    "first_opinion_changed": Event(
        "Premier avis modifié", "Le centre qui vous adresse une demande a modifié son propre avis"
    ),
}
