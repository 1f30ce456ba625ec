"""What must be true of a phone's requests whatever happened on the way: a pure comparison, without clock or chance.

``Asked`` is one request as the person at the phone knows it: what was typed and shown, which pictures the phone took,
when « Envoyer » was touched and what the phone promised. ``HeldCase`` is what the service holds. ``faults`` says in
which points the two differ: lost, doubled, bytes, or another fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LOST, DOUBLED, BYTES, OTHER = "lost", "doubled", "bytes", "other"

EARLIEST_DUE, LATEST_DUE = timedelta(hours=23), timedelta(days=10)
"""Between which a routine request's answer is due after it arrived: far from any step of a phone's clock."""


@dataclass(frozen=True)
class Fault:
    """One difference: its kind, the request, and words."""

    kind: str
    request: str
    words: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.request}: {self.words}"


@dataclass(frozen=True)
class TakenPicture:
    """A picture that the phone showed as taken: the SHA-256 of the chosen file, and of the picture made of it."""

    view: str
    original: str
    diagnostic: str


@dataclass
class Asked:
    """One request as its person knows it.

    ``typed`` is the question as it last stood when the next screen came; ``presses`` are the questions that stood on
    the review each time « Envoyer » was touched. ``promised``: the phone said « Prête à partir » or gave a receipt
    since the last touch. ``taken_back``: changed since. ``told_left_out``: questions that the phone said are not in
    the request that left. ``late``: the question that stood in its field when the phone said that the request was sent.
    """

    id: str
    typed: str = ""
    late: str = ""
    presses: list[str] = field(default_factory=list)
    promised: bool = False
    taken_back: bool = False
    told_left_out: set[str] = field(default_factory=set)
    pictures: dict[str, TakenPicture] = field(default_factory=dict)

    def type(self, question: str) -> None:
        """The next screen came after this question: from here on it is kept."""
        if question != self.typed and self.presses:
            self.taken_back, self.promised = True, False
        self.typed = question

    def press(self, shown: str) -> None:
        """« Envoyer » was touched under a review that showed this question."""
        self.presses.append(shown)
        self.promised = self.taken_back = False

    def promise(self) -> None:
        """The phone says that it is sent, or leaves by itself."""
        self.promised = True

    def untold(self, sent: str) -> set[str]:
        """Return what was written last, is not in what was sent, and was not told of."""
        return {words for words in (self.typed, self.late) if words} - {sent} - self.told_left_out

    @property
    def wanted(self) -> bool:
        """Whether it must arrive without anything more being touched."""
        return self.promised and not self.taken_back


@dataclass(frozen=True)
class HeldPicture:
    """A picture at the service: the SHA-256 of both files as they were sent, and whether what is stored opens right.

    ``made_here``: the service made the diagnostic picture itself, of an original that it read first.
    """

    view: str
    original: str
    diagnostic: str
    whole: bool = True
    made_here: bool = False


@dataclass(frozen=True)
class HeldCase:
    """One case at the service: ``revisions`` are the questions of its versions, ``named`` the last one's pictures."""

    id: str
    state: str
    number: str
    submissions: int
    revisions: tuple[str, ...]
    named: tuple[str, ...]
    pictures: Mapping[str, HeldPicture]
    notices: Mapping[str, int]
    draft: str = ""
    submitted_at: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True)
class Surroundings:
    """Between which instants of the service's clock it happened, and who is to be told of each request."""

    began: datetime
    ended: datetime
    addressees: frozenset[str]


def faults(asked: Iterable[Asked], held: Iterable[HeldCase], around: Surroundings) -> list[Fault]:
    """Return every difference between what a person asked and what the service holds of them."""
    wanted = {request.id: request for request in asked}
    found: list[Fault] = []
    seen: dict[str, HeldCase] = {}
    for case in held:
        if case.id in seen:
            found.append(Fault(DOUBLED, case.id, "two cases of one id"))
        elif case.id not in wanted:
            found.append(Fault(DOUBLED, case.id, "a case that nobody asked for"))
        seen[case.id] = case
    for request in wanted.values():
        found += _faults_of(request, seen.get(request.id), around)
    numbers = [case.number for case in seen.values() if case.number]
    found += [
        Fault(DOUBLED, number, "one number for two cases")
        for number in set(numbers)
        if numbers.count(number) > 1
    ]
    return found


def _faults_of(request: Asked, case: HeldCase | None, around: Surroundings) -> list[Fault]:
    if case is None or not case.number:
        if request.wanted:
            return [Fault(LOST, request.id, "promised to leave, and not there")]
        return []
    if not request.presses:
        return [Fault(OTHER, request.id, "sent, and « Envoyer » was never touched")]
    return [
        *_counted(request, case, around),
        *_written(request, case),
        *_pictured(request, case),
        *_timed(request, case, around),
    ]


def _counted(request: Asked, case: HeldCase, around: Surroundings) -> Iterable[Fault]:
    if case.submissions != 1:
        yield Fault(DOUBLED, request.id, f"submitted {case.submissions} times")
    if len(case.revisions) != 1:
        yield Fault(DOUBLED, request.id, f"{len(case.revisions)} versions of what was sent once")
    for person in around.addressees:
        told = case.notices.get(person, 0)
        if told != 1:
            yield Fault(DOUBLED if told else LOST, request.id, f"{person} was told {told} times")
    for person in case.notices.keys() - around.addressees:
        yield Fault(OTHER, request.id, f"{person} was told, and is no addressee")


def _written(request: Asked, case: HeldCase) -> Iterable[Fault]:
    sent = case.revisions[-1] if case.revisions else ""
    if sent not in request.presses:
        yield Fault(LOST, request.id, f"« {sent} » was sent; on the review stood {request.presses}")
    for words in request.untold(sent):
        yield Fault(LOST, request.id, f"« {sent} » was sent, « {words} » typed last, and nobody was told")


def _pictured(request: Asked, case: HeldCase) -> Iterable[Fault]:
    if len(set(case.named)) != len(case.named):
        yield Fault(DOUBLED, request.id, "a picture is named twice")
    for photo in set(case.named) | set(case.pictures):
        if photo not in request.pictures:
            yield Fault(DOUBLED, request.id, f"picture {photo} was not taken for it")
    for photo, taken in request.pictures.items():
        there = case.pictures.get(photo)
        if there is None or photo not in case.named:
            yield Fault(LOST, request.id, f"picture {photo} ({taken.view}) is not there")
            continue
        if there.view != taken.view:
            yield Fault(OTHER, request.id, f"picture {photo} is the {there.view}, taken as {taken.view}")
        for role, here, now in (
            ("original", taken.original, there.original),
            ("diagnostic", taken.diagnostic, there.diagnostic),
        ):
            if role == "diagnostic" and here and not now and there.made_here:
                continue
            if here and not now:
                yield Fault(LOST, request.id, f"the {role} of picture {photo} is not there")
            elif here != now:
                yield Fault(BYTES, request.id, f"the {role} of picture {photo} is not what was sent")
        if not there.whole:
            yield Fault(BYTES, request.id, f"picture {photo} does not open as it was chosen")


def _timed(request: Asked, case: HeldCase, around: Surroundings) -> Iterable[Fault]:
    if case.submitted_at is None or not around.began <= case.submitted_at <= around.ended:
        yield Fault(OTHER, request.id, f"arrived at {case.submitted_at}, not by the service's clock")
    elif case.due_at is None or not EARLIEST_DUE <= case.due_at - case.submitted_at <= LATEST_DUE:
        yield Fault(OTHER, request.id, f"arrived at {case.submitted_at}, due at {case.due_at}")
