"""The pages on which two records of one patient are compared, joined by two people, and taken apart again."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import PatientPair
from dermavis.services.patient_merges import keep_apart, propose
from dermavis.services.work import reading, writing
from tests import cases
from tests.announced import let_pair
from tests.clock import FakeClock
from tests.factories import World
from tests.known_patients import OTHERS, known, leave
from tests.signing_in import sign_in

LIST = "/patients/duplicates"


def test_two_records_are_compared_joined_by_two_people_and_taken_apart(
    client: FlaskClient, world: World
) -> None:
    for name in ("Vautrin", "Vautrain"):
        cases.sent(world, patient=cases.content()["patient"] | {"id": None, "birth_name": name})
    let_pair(world.system)
    sign_in(client, world.who(Role.SITE_SECRETARY))
    page = client.get(LIST).text
    assert "Une faute de frappe d’écart" in page
    place = re.findall(rf'href="({LIST}/[^"]+)"', page)[0]
    compared = client.get(place).text
    assert '<strong translate="no">Vautrain</strong>' in compared
    assert '<strong translate="no">Hélène</strong>' not in compared, "only what differs stands out"
    refused = client.post(place, data={"act": "propose"})
    assert refused.status_code == 422
    assert "Choisissez la fiche à garder." in refused.text
    kept = place.split("/")[-1]
    assert "À confirmer par Camille Nurse Requester, " in compared, "who confirms is said before"
    client.post(place, data={"act": "propose", "kept": kept})
    page = client.get(LIST).text
    assert "À confirmer par Camille Nurse Requester, " in page
    [merge] = re.findall(r'href="(/patients/merges/[^"]+)"', page)
    assert 'value="confirm"' not in client.get(merge).text
    sign_in(client, world.who(Role.REQUESTER))
    assert "Une fusion de fiches attend votre accord" in client.get("/requests").text
    assert "Lire et confirmer" in client.get(LIST).text
    proposal = client.get(merge).text
    assert 'value="confirm"' in proposal
    assert '<strong translate="no">Vautrain</strong>' in proposal
    assert client.post(merge, data={"act": "confirm"}).headers["Location"] == f"{LIST}?done=merged"
    page = client.get(LIST).text
    assert 'value="undo"' in page
    assert client.get(merge).headers["Location"] == LIST
    assert client.get(place).status_code == 404
    undone = client.post(merge, data={"act": "undo"}).headers["Location"]
    assert undone == f"{LIST}?done=undone&newer=0"
    assert "comme avant" in client.get(undone).text
    assert client.get(place).status_code == 200


def test_a_doctor_alone_reads_both_records_again_a_day_later(
    client: FlaskClient, world: World, clock: FakeClock
) -> None:
    leave(world, Role.SITE_SECRETARY, *OTHERS)
    kept, merged = known(world, {}, {"birth_name": "Vautrain"})
    let_pair(world.system)
    sign_in(client, world.who(Role.REQUESTER))
    place = f"{LIST}/{kept}/{merged}"
    assert "Vous êtes seul à votre site" in client.get(place).text
    client.post(place, data={"act": "propose", "kept": str(kept)})
    page = client.get(LIST).text
    assert "13\u00a0mars\u00a02026" in page
    assert "11\u00a0avr.\u00a02026" in page
    [merge] = re.findall(r'href="(/patients/merges/[^"]+)"', page)
    assert 'value="confirm"' not in client.get(merge).text
    assert client.post(merge, data={"act": "confirm", "kept": str(kept)}).status_code == 409
    clock.advance(hours=24)
    sign_in(client, world.who(Role.REQUESTER))
    assert "Une fusion de fiches attend votre accord" in client.get("/requests").text
    read_again = client.get(merge).text
    assert "checked" not in read_again, "which one was kept the first time is not told"
    assert "Gardée" not in read_again
    refused = client.post(merge, data={"act": "confirm"})
    assert refused.status_code == 422
    assert "Choisissez la fiche à garder." in refused.text
    again = client.post(merge, data={"act": "confirm", "kept": str(merged)})
    assert again.headers["Location"] == f"{LIST}?done=again"
    page = client.get(again.headers["Location"]).text
    assert "rien n’est fusionné" in page
    [merge] = re.findall(r'href="(/patients/merges/[^"]+)"', page)
    clock.advance(hours=24)
    sign_in(client, world.who(Role.REQUESTER))
    done = client.post(merge, data={"act": "confirm", "kept": str(merged)})
    assert done.headers["Location"] == f"{LIST}?done=merged"
    assert "après deux lectures" in client.get(LIST).text


def test_the_list_goes_on_behind_its_first_25(client: FlaskClient, world: World) -> None:
    known(world, *({"first_name": f"Rose{chr(97 + n)}{'xyz'[n % 3]}"} for n in range(26) for _ in range(2)))
    let_pair(world.system)
    sign_in(client, world.who(Role.SITE_SECRETARY))
    first = client.get(LIST).text
    further = re.findall(rf'href="({LIST}\?after=[^"]+)"', first)
    assert len(re.findall(r">Comparer<", first)) == 25
    second = client.get(further[0]).text
    assert len(re.findall(r">Comparer<", second)) >= 1
    assert client.get(f"{LIST}?after=nulle-part").status_code in {400, 404, 422}


def test_proposals_and_decisions_go_on_behind_their_first_25(client: FlaskClient, world: World) -> None:
    known(world, *({"first_name": f"Rose{chr(97 + n)}{'xyz'[n % 3]}"} for n in range(26) for _ in range(2)))
    let_pair(world.system)
    with reading(world.system) as work:
        pairs = [(row.one_id, row.other_id) for row in work.session.scalars(select(PatientPair))]
    with writing(world.system, world.actor(Role.SITE_SECRETARY)) as work:
        made = {str(propose(work, *pair).id) for pair in disjoint(pairs)}
    sign_in(client, world.who(Role.SITE_SECRETARY))
    first = client.get(LIST).text
    shown = re.findall(r"/patients/merges/([0-9a-f-]+)", first)
    assert len(shown) == 25
    [further] = re.findall(rf'href="({LIST}\?waiting=[^"]+)"', first)
    rest = client.get(further).text
    shown += re.findall(r"/patients/merges/([0-9a-f-]+)", rest)
    assert len(shown) == len(made)
    assert set(shown) == made
    assert "Peut-être la même personne" not in rest
    with writing(world.system, world.actor(Role.SITE_SECRETARY)) as work:
        for pair in disjoint(pairs):
            keep_apart(work, *pair)
    first = client.get(LIST).text
    [further] = re.findall(rf'href="({LIST}\?decided=[^"]+)"', first)
    both = (first, client.get(further).text)
    assert [page.count("Comparer de nouveau") for page in both] == [25, len(made) - 25]
    assert client.get(f"{LIST}?decided={uuid4()}").status_code == 404


def disjoint(pairs: list[tuple[UUID, UUID]]) -> list[tuple[UUID, UUID]]:
    """Return pairs no two of which hold the same record."""
    found: list[tuple[UUID, UUID]] = []
    for pair in pairs:
        if not any(set(pair) & set(other) for other in found):
            found.append(pair)
    return found
