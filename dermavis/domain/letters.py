"""Letters about an account: their words, and what each one carries. They name no patient, and no other person."""

from __future__ import annotations

from dataclasses import dataclass

NBSP = "\u00a0"
END = "\n\nDermAvis\n"


@dataclass(frozen=True)
class Letter:
    """Subject and text; ``carries`` names what the text is completed with (a link, a code), kept sealed until sent."""

    subject: str
    text: str
    carries: tuple[str, ...] = ()


LETTERS: dict[str, Letter] = {
    "invitation": Letter(
        "Votre invitation à DermAvis",
        "Bonjour,\n\n"
        "Un compte vous est ouvert sur DermAvis, le service d’avis de dermatologie à distance."
        f" Choisissez votre mot de passe{NBSP}:\n\n{{link}}\n\n"
        f"Ce lien sert une fois, pendant {{duration}}."
        " Si vous n’attendiez pas cette invitation, ne faites rien.",
        ("link", "duration"),
    ),
    "email_code": Letter(
        "Votre code DermAvis",
        "Bonjour,\n\n"
        f"Votre code{NBSP}: {{code}}\n\n"
        "Il sert une fois, pendant dix minutes. Personne de DermAvis ne vous le demandera."
        " Si vous ne vous connectiez pas, changez votre mot de passe.",
        ("code",),
    ),
    "password_reset": Letter(
        "Choisir un nouveau mot de passe",
        "Bonjour,\n\n"
        f"Pour choisir un nouveau mot de passe DermAvis{NBSP}:\n\n{{link}}\n\n"
        "Ce lien sert une fois, pendant {duration}."
        " Si vous n’avez rien demandé, ne faites rien : votre mot de passe reste le même.",
        ("link", "duration"),
    ),
    "factor_reset": Letter(
        "Votre authentificateur est à remplacer",
        "Bonjour,\n\n"
        "Deux administrateurs ont accepté de remplacer votre authentificateur."
        f" Pour en enregistrer un nouveau{NBSP}:\n\n{{link}}\n\n"
        "Ce lien sert une fois, pendant {duration}."
        " Si vous n’avez rien demandé, prévenez votre administrateur.",
        ("link", "duration"),
    ),
    "factor_reset_asked": Letter(
        "Un authentificateur à remplacer",
        "Bonjour,\n\n"
        "Un administrateur demande à remplacer l’authentificateur d’un compte : il faut votre accord,"
        " après vérification de vive voix.\n\n{link}",
        ("link",),
    ),
    "password_changed": Letter(
        "Votre mot de passe a changé",
        "Bonjour,\n\nLe mot de passe de votre compte DermAvis vient d’être changé, et vos autres connexions"
        " sont fermées.\n\nSi ce n’est pas vous, prévenez tout de suite votre administrateur.",
    ),
    "factor_changed": Letter(
        "Votre second facteur a changé",
        "Bonjour,\n\nLe second facteur de votre compte DermAvis vient d’être changé.\n\n"
        "Si ce n’est pas vous, prévenez tout de suite votre administrateur.",
    ),
    "recovery_code_used": Letter(
        "Un code de secours a servi",
        "Bonjour,\n\nUn code de secours vient d’ouvrir votre compte DermAvis."
        f" Codes encore utilisables{NBSP}: {{left}}. « Compte » vous en donne de nouveaux.\n\n"
        "Si ce n’est pas vous, prévenez tout de suite votre administrateur.",
        ("left",),
    ),
    "draft_waits_on_phone": Letter(
        "Une demande attend sur votre téléphone",
        "Bonjour,\n\n"
        "Une demande d’avis que vous avez commencée n’est pas partie : elle n’existe que sur l’appareil où vous l’avez"
        f" écrite. Ouvrez DermAvis sur cet appareil pour l’envoyer ou la supprimer{NBSP}:\n\n{{link}}",
        ("link",),
    ),
    "new_device": Letter(
        "Nouvelle connexion à DermAvis",
        "Bonjour,\n\nVotre compte DermAvis vient de servir sur un nouvel appareil : {device}.\n\n"
        f"Si ce n’est pas vous, fermez cette connexion et changez votre mot de passe{NBSP}:\n\n{{link}}",
        ("device", "link"),
    ),
    "account_exists": Letter(
        "Vous avez déjà un compte DermAvis",
        "Bonjour,\n\nUne invitation a été demandée pour cette adresse, qui a déjà un compte."
        f" Pour vous connecter{NBSP}:\n\n{{link}}",
        ("link",),
    ),
}


def written(kind: str, carried: dict[str, str]) -> tuple[str, str]:
    """Return subject and text of a letter. Raises KeyError for an unknown kind or a missing piece."""
    letter = LETTERS[kind]
    return letter.subject, letter.text.format(**{name: carried[name] for name in letter.carries}) + END
