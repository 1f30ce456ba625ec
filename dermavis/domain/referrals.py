"""A request goes up to another centre: its expert signs an opinion of their own, and that centre answers as well."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from dermavis.domain.fields import Ident, Paragraph, Part

REFERRAL = "referral"
"""The kind of a case that an expert begins for the requester of theirs: of the same site, answered to the same one."""

LEAVES = "referral_leaves"
"""The timer at which it begins: when the opinion it was signed with leaves."""

FIRST_OPINION = "first_opinion"
"""The kind of the text in which the centre it goes to reads the opinion that was given before."""


class Referral(Part):
    """To which team an opinion refers its request, with which words and pictures. ``id`` is the new case's.

    ``agreed``: how the expert knows of the patient's agreement, a key of ``child_cases.AGREEMENTS``.
    """

    id: UUID
    team: UUID
    question: Paragraph = ""
    urgency: Ident = ""
    photos: Annotated[list[UUID], Field(max_length=100)] = Field(default_factory=list)
    agreed: Ident = ""
