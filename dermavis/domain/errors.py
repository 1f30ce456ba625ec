"""What can be refused to a person, in words they can act on.

Every refusal carries a stable ``code`` for programs and a French ``message`` for people. Blueprints turn a refusal into
the right status and place; nothing else is ever shown to a person.
"""

from __future__ import annotations


class Refusal(Exception):
    """A use case cannot go on, for a reason that a person can understand.

    ``code`` is a stable identifier, ``message`` a French sentence, ``field`` the form field it stands beside, if any.
    """

    status = 400

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


class InvalidInput(Refusal):
    """Several fields are wrong: ``errors`` maps a field path to its French sentence."""

    status = 422

    def __init__(self, errors: dict[str, str], message: str = "Certaines réponses sont à corriger.") -> None:
        super().__init__("invalid_input", message)
        self.errors = errors


class Forbidden(Refusal):
    """The person is known, may see the thing, and may not do this to it."""

    status = 403

    def __init__(
        self, message: str = "Vous n’avez pas le droit de faire cela.", code: str = "forbidden"
    ) -> None:
        super().__init__(code, message)


class NotFound(Refusal):
    """Nothing of that name exists for this person; a stranger cannot tell the difference."""

    status = 404

    def __init__(self, message: str = "Cette page n’existe pas, ou ne vous est pas ouverte.") -> None:
        super().__init__("not_found", message)


class Discarded(NotFound):
    """A draft of this person's was thrown away: gone for good, unlike what never was or is somebody else's."""

    def __init__(self) -> None:
        super().__init__(
            "Ce brouillon a été supprimé ailleurs, sans avoir été envoyé. Commencez une autre demande."
        )
        self.code = "discarded"


class Erased(Refusal):
    """The case was there for this person, and its content was destroyed for good; ``number`` is all that is left."""

    status = 410

    def __init__(self, number: str) -> None:
        super().__init__(
            "erased",
            f"Le télédossier {number} a été effacé\u00a0: son contenu, ses photographies et ses avis n’existent plus."
            if number
            else "Cette demande n’a jamais été envoyée\u00a0: elle a été effacée à son terme. Commencez-en une autre.",
        )


class Conflict(Refusal):
    """Somebody or something else was first. ``holder`` names who, ``when`` tells since when (UTC ISO 8601)."""

    status = 409

    def __init__(self, code: str, message: str, holder: str | None = None, when: str | None = None) -> None:
        super().__init__(code, message)
        self.holder = holder
        self.when = when


class TooMany(Refusal):
    """Too many tries; ``retry_after`` is in seconds."""

    status = 429

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__("too_many", message)
        self.retry_after = retry_after


class PictureRefused(Refusal):
    """A file that cannot become a clean picture."""

    status = 422
