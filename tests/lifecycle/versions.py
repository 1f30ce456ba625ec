"""The signed versions of an opinion in the model: what each asks for, and where its deliveries stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from dermavis.domain.case_states import State

S = State
UNREAD = {S.SENT, S.OPENED}


@dataclass
class Given:
    """A version given to one person. ``read_meanwhile``: in the seconds in which the next one could be taken back."""

    state: State = S.SENT
    was: State = S.SENT
    read_meanwhile: bool = False

    def is_opened(self, ordinary: bool) -> None:
        """Its reader opens the page; where opening is enough, they have read it."""
        if self.state is S.REPLACED:
            self.read_meanwhile = self.read_meanwhile or ordinary
        elif self.state in UNREAD:
            self.state = S.ACKNOWLEDGED if ordinary else S.OPENED

    def is_acknowledged(self) -> None:
        if self.state is S.REPLACED:
            self.read_meanwhile = True
        else:
            self.state = S.ACKNOWLEDGED

    def is_replaced(self) -> None:
        if self.state in UNREAD:
            self.was, self.state, self.read_meanwhile = self.state, S.REPLACED, False

    def stands_again(self) -> None:
        """The version that took its place was taken back."""
        if self.state is S.REPLACED:
            self.state = S.ACKNOWLEDGED if self.read_meanwhile else self.was


@dataclass(frozen=True)
class Before:
    """What a signature changes, as it stood."""

    state: State
    asks_again: bool
    downstream: State
    kind: str
    day: int | None


@dataclass
class Version:
    """One signed version: who signed, when it leaves, what it asks for; to whom it is given.

    ``before``: the case as it was before the signature. ``copy``: the treating doctor's, where one has it.
    """

    signer: str
    leaves: datetime
    destination: str
    ordinary: bool
    before: Before
    requester: Given = field(default_factory=Given)
    copy: Given | None = None

    @property
    def given(self) -> list[Given]:
        """To the requester, and to the treating doctor where they have a copy."""
        return [self.requester, *([self.copy] if self.copy else [])]
