"""What happens in a year, drawn from a seed: requests, absences, and what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dermavis.services import accounts
from dermavis.services.revocations import revoke_person
from dermavis.services.work import writing
from tests.year.channels import Channels
from tests.year.region import ANSWERING, ASKING, HABITS, Absence, Region, give_phone

STAND_INS = {
    "requester": "substitute",
    "other_requester": "requester",
    "nurse_requester": "other_requester",
    "substitute": "requester",
    "expert": "other_expert",
    "other_expert": "expert",
}


def requests(region: Region, first: date, days: int, each_day: float) -> Iterator[tuple[datetime, str]]:
    """Who asks when: by day, rarely at the weekend, never while away."""
    for n in range(days):
        day = first + timedelta(days=n)
        number = each_day if day.weekday() < 5 else each_day / 5
        while region.random.random() < number / (1 + number):
            name = region.random.choice(ASKING)
            minute = region.random.randrange(8 * 60, 19 * 60)
            at = datetime.combine(day, time(minute // 60, minute % 60), ZoneInfo(HABITS[name].zone))
            if not region.is_away(name, at) and region.gone.get(name, at) >= at:
                yield at, name


def address(region: Region) -> dict[str, object]:
    """To whom: by default, to a team, or to somebody by name, whether they are there or not."""
    chance = region.random.random()
    world = region.world
    if chance < 0.65:
        return {"mode": "default", "team": None, "person": None}
    if chance < 0.8:
        return {"mode": "named", "team": str(world.other_team_id), "person": None}
    person = region.id_of(region.random.choice((*ANSWERING[:2], "super_user")))
    return {"mode": "named", "team": str(world.team_id), "person": str(person)}


def urgency(region: Region) -> str:
    """How pressing: most are not."""
    return region.random.choices(("routine", "soon", "urgent"), (60, 25, 15))[0]


def absences(region: Region, first: date, days: int) -> list[Absence]:
    """Everybody who has somebody to stand in is away a few days at a time, about once in six weeks."""
    found = []
    for name, stand_in in STAND_INS.items():
        day = first + timedelta(days=region.random.randrange(3, 15))
        while day < first + timedelta(days=days):
            last = day + timedelta(days=region.random.randrange(2, 10))
            found.append(Absence(name, stand_in, day, last))
            day = last + timedelta(days=region.random.randrange(20, 60))
    return found


def leave(region: Region, absence: Absence) -> None:
    """Somebody declares an absence from their account."""
    if absence not in region.absences:
        return
    with writing(region.system, region.actor(absence.name)) as work:
        accounts.set_absence(work, region.id_of(absence.stand_in), absence.first, absence.last)


def go(region: Region, name: str) -> None:
    """Somebody leaves for good, having said who takes over; their account is closed."""
    taker, today = STAND_INS[name], region.clock.now().date()
    region.absences = [row for row in region.absences if name not in {row.name, row.stand_in}]
    region.absences.append(Absence(name, taker, today, date.max))
    with writing(region.system, region.actor(name)) as work:
        accounts.set_absence(work, region.id_of(taker), today, None)
    region.gone[name] = region.clock.now()
    with writing(region.system) as work:
        revoke_person(work, region.id_of(name))


def lose_phone(region: Region, channels: Channels) -> None:
    """A phone's push service forgets it, or refuses what it is given; its owner takes a new one, mostly at once."""
    known = sorted(set(region.endpoints) - channels.dead - channels.broken)
    if known:
        lost = region.random.choice(known)
        (channels.dead if region.random.random() < 0.6 else channels.broken).add(lost)
        owner = region.endpoints[lost]
        if region.random.random() < 0.8 and owner not in region.gone:
            give_phone(region, owner)


def fill_mailbox(region: Region, channels: Channels, name: str) -> None:
    """A mailbox bounces what comes, until it is emptied."""
    channels.full.symmetric_difference_update({region.world.who(name).email})
