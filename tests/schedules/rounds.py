"""Schedules lived on several phones at once against one service, and what the model says of each afterwards."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playwright.sync_api import Error, sync_playwright

from dermavis.domain.roles import Role
from dermavis.services.audit_verification import verify
from tests import material
from tests.charter import ALWAYS_OPEN
from tests.factories import create_world
from tests.load.slow_line import Quality, slow_line
from tests.schedules.drawing import Schedule, draw
from tests.schedules.holding import arrived, held_cases, number_of, pictures_of
from tests.schedules.model import LOST, OTHER, Fault, Surroundings, faults
from tests.schedules.person import AtWork, CouldNotGoOn
from tests.schedules.phone import Phone

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

GOOD_LINE = Quality(down=40_000_000, up=20_000_000, round_trip=0.004)
BOUND_S = 240
"""Within what all that is wanted must have arrived once the world has healed.

A picture that a killed worker had in hand is taken up again after three minutes.
"""

TOLD_S = 40

SCENES = [material.grainy(400, 300) for _ in range(4)]


@dataclass
class Outcome:
    """What became of one schedule."""

    seed: int
    faults: list[Fault]
    requests: int
    seconds: float


@dataclass
class Rounds:
    """A service, phones, and what has happened so far."""

    server: LiveServer
    folder: Path
    happened: Counter[str] = field(default_factory=Counter)
    outcomes: list[Outcome] = field(default_factory=list)
    script_faults: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def live(
        self, seeds: Iterable[int], phones: int, told: Callable[[Outcome], None] = lambda _: None
    ) -> None:
        """Live the schedules of these seeds; ``told`` hears of each as it ends."""
        waiting: queue.Queue[int] = queue.Queue()
        for seed in seeds:
            waiting.put(seed)
        each = [
            threading.Thread(target=self._noting, args=(number, waiting, told), daemon=True)
            for number in range(min(phones, waiting.qsize()))
        ]
        for thread in each:
            thread.start()
        for thread in each:
            thread.join()

    def audit_faults(self) -> int:
        """Count what the verification of the audit says."""
        return len(verify(self.server.system).faults)

    def _noting(self, number: int, waiting: queue.Queue[int], told: Callable[[Outcome], None]) -> None:
        try:
            self._at_one_phone(number, waiting, told)
        except Exception as error:  # noqa: BLE001 - whatever it was, the run must say it
            self.broken.append(repr(error))

    def _at_one_phone(self, number: int, waiting: queue.Queue[int], told: Callable[[Outcome], None]) -> None:
        with ExitStack() as stack:
            line = stack.enter_context(slow_line(urlsplit(self.server.url).port or 0, GOOD_LINE))
            world = create_world(self.server.system, ALWAYS_OPEN, f"phone-{number}.example.org")
            who = (Role.EXPERT, Role.JUNIOR, "other_expert", Role.SUPER_USER)
            addressees = frozenset(str(world.who(name).person_id) for name in who)
            playwright = stack.enter_context(sync_playwright())
            profile = self.folder / f"phone-{number}"
            with self._one_at_a_time:
                phone = Phone(playwright, self.server, world, profile, line)
            stack.callback(phone.stop)
            while True:
                try:
                    seed = waiting.get_nowait()
                except queue.Empty:
                    return
                outcome = _Lived(self, phone, addressees, draw(seed)).run()
                self.outcomes.append(outcome)
                self.happened.update(line.sprung)
                line.sprung.clear()
                self.script_faults.update(phone.script_faults)
                phone.script_faults.clear()
                told(outcome)

    def end_process(self, name: str) -> None:
        """Kill the web or the worker, and start it anew."""
        with self._one_at_a_time:
            self.server.kill(name)
            self.server.start(name)


@dataclass
class _Lived:
    """One schedule at one phone."""

    rounds: Rounds
    phone: Phone
    addressees: frozenset[str]
    schedule: Schedule
    works: list[AtWork] = field(default_factory=list)
    found: list[Fault] = field(default_factory=list)
    _page: Page | None = None

    def run(self) -> Outcome:
        system, started = self.rounds.server.system, time.monotonic()
        began = system.clock.now()
        if self.phone.ahead_ms:
            self.phone.step_clock(0)
        for number, errand in enumerate(self.schedule.errands):
            work = AtWork(
                self.phone, errand, self.rounds.folder, self.rounds.end_process, self.rounds.happened
            )
            self.works.append(work)
            self._guarded(work, lambda work=work, number=number: work.run(self._pictures(number)))
        self.phone.line.heal()
        self._arrive()
        chosen = {digest: content for work in self.works for digest, content in work.chosen.items()}
        former, self.phone.asked = self.phone.asked, self.phone.asked | {work.asked.id for work in self.works}
        # What a former schedule left on the phone may first come to the service now.
        all_held = held_cases(system, self.phone.who.person_id, began, chosen)
        held = [case for case in all_held if case.id not in former]
        around = Surroundings(began, system.clock.now(), self.addressees)
        self.found += faults([work.asked for work in self.works], held, around)
        self.phone.close_all(but=self._page)
        return Outcome(self.schedule.seed, self.found, len(self.works), time.monotonic() - started)

    def _pictures(self, number: int) -> list[bytes]:
        dice = random.Random(self.schedule.seed * 10 + number)
        return [
            material.jpeg(
                dice.choice(SCENES),
                quality=dice.randrange(84, 95),
                comment=material.PLANTED + dice.randbytes(8),
            )
            for _ in range(2)
        ]

    def _guarded(self, work: AtWork, act: Callable[[], object]) -> None:
        try:
            act()
        except (CouldNotGoOn, Error) as error:
            self.found.append(Fault(OTHER, work.asked.id, f"could not go on: {str(error)[:300]}"))

    def _arrive(self) -> None:
        """A page is opened, what was promised leaves by itself, and what was not is looked after by its person."""
        if self.schedule.closes:
            self.phone.close_all()
        page = self._page = self.phone.open("/requests")
        for work in self.works:
            if work.asked.wanted:
                self._await(lambda work=work: self._is_there(work), work, "did not arrive")
        for work in self.works:
            if (
                work.errand.sends
                and work.asked.presses
                and not work.asked.taken_back
                and not self._is_there(work)
            ):
                self._guarded(work, lambda work=work: self._send_at_last(work))
        sent = [work for work in self.works if self._number(work)]
        for work in self.works:
            if work not in sent and work.asked.typed:
                self._guarded(work, lambda work=work: self._look_kept(work))
        for work in sent:
            self._await(lambda work=work: self._is_there(work), work, "its pictures did not arrive")
            if work.asked.untold(sent_now := self._sent_question(work)):
                self._tell(work, sent_now)
        gone = [work.asked.id for work in sent if not work.asked.told_left_out]
        if gone:
            self._await(lambda: not self.phone.left(page, gone), sent[0], "stays on the phone")

    def _send_at_last(self, work: AtWork) -> None:
        """It was touched, and the phone never said that it would leave: its person looks, and touches it again."""
        for _ in range(3):
            work.try_again(work.press)
            work.wait(10)
            if self._number(work):
                break
        self._await(lambda: self._is_there(work), work, "did not arrive, sent again")

    def _look_kept(self, work: AtWork) -> None:
        """A request that was not sent is there to be taken up again, with what was typed last."""
        page = self.phone.open(f"/requests/{work.asked.id}#relecture")
        kept = self.phone.kept(page, work.asked.id)
        if kept.get("question") != work.asked.typed:
            self.found.append(Fault(LOST, work.asked.id, f"typed « {work.asked.typed} », kept {kept}"))
        self.phone.close(page)

    def _tell(self, work: AtWork, sent: str) -> None:
        """What was typed last and did not leave with it is told on « Mes demandes »."""
        page = self.phone.open("/requests")
        end = time.monotonic() + TOLD_S
        while work.asked.untold(sent) and time.monotonic() < end:
            work.hear_left_out(page)
            time.sleep(0.2)
        self.rounds.happened["left without a change, and told"] += bool(work.asked.told_left_out)

    def _sent_question(self, work: AtWork) -> str:
        system = self.rounds.server.system
        began = system.clock.now().replace(year=2000)
        held = [
            case
            for case in held_cases(system, self.phone.who.person_id, began, {})
            if case.id == work.asked.id
        ]
        return held[0].revisions[-1] if held and held[0].revisions else ""

    def _number(self, work: AtWork) -> str:
        return number_of(self.rounds.server.system, work.asked.id)

    def _is_there(self, work: AtWork) -> bool:
        return arrived(self.rounds.server.system, work.asked.id, len(work.asked.pictures))

    def _await(self, there: Callable[[], bool], work: AtWork, otherwise: str) -> None:
        end = time.monotonic() + BOUND_S
        while time.monotonic() < end:
            with suppress(Error):
                if there():
                    return
            for other in self.works:
                other.wait(0.05)
            time.sleep(0.1)
        there_are = pictures_of(self.rounds.server.system, work.asked.id)
        words = f"{otherwise} within {BOUND_S} s; {work.says()}; {there_are}"
        self.found.append(Fault(LOST, work.asked.id, words))
