"""What a treating doctor sees of the opinions that they were given, and what others read of it."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from blueprints.cases import treating
from dermavis.domain.roles import Role
from dermavis.domain.treating_doctor import COPY
from dermavis.models import AuditEvent, Delivery, Membership, Person
from dermavis.services import claiming, following, pooling
from dermavis.services.rate_limits import DOCTORS_BY_PERSON
from dermavis.services.readings import flush
from dermavis.services.treating_copies import open_copy
from dermavis.services.work import reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World
from tests.referrals import referred
from tests.signing_in import sign_in
from tests.treating import treated_by

DIAGNOSIS = "Kératose séborrhéique irritée"


def _state(world: World, case_id: UUID) -> str:
    with reading(world.system) as work:
        rows = select(Delivery.state).where(Delivery.case_id == case_id, Delivery.kind == COPY)
        return work.session.scalars(rows).one()


def test_an_opinion_is_found_opened_and_kept_by_the_treating_doctor(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.answered(world, patient=treated_by(world))
    sign_in(client, world.who("stranger"))
    assert "1 avis reçu à lire" in client.get("/requests").text
    listed = client.get("/requests/received").text
    assert f"/cases/{case_id}" in listed
    assert "Avis à lire" in listed
    assert f"demandé par Dr {world.who(Role.REQUESTER).name}" in listed
    client.get(f"/cases/{case_id}", headers={"X-Background": "1"})
    assert _state(world, case_id) == "sent"
    page = client.get(f"/cases/{case_id}").text
    assert DIAGNOSIS in page
    assert f'Demandé par <span translate="no">Dr {world.who(Role.REQUESTER).name}</span>' in page
    assert _state(world, case_id) == "acknowledged"
    for beside in ("Poser une question", "Échanges", "J’ai pris connaissance", "aftermath"):
        assert beside not in page
    assert client.get(f"/cases/{case_id}/report").status_code == 200
    assert client.get(f"/cases/{case_id}/report.pdf").data.startswith(b"%PDF")
    assert "Avis reçus pour mes patients" in client.get("/requests").text
    flush(world.system)
    with reading(world.system) as work:
        read = select(AuditEvent.action).where(
            AuditEvent.case_id == case_id, AuditEvent.actor_id == world.who("stranger").person_id
        )
        assert {"case.read", "delivery.open", "delivery.acknowledge", "report.read"} <= set(
            work.session.scalars(read)
        )


def test_what_stands_around_the_opinion_is_not_theirs(client: FlaskClient, world: World) -> None:
    case_id = cases.answered(world, patient=treated_by(world))
    sign_in(client, world.who("stranger"))
    assert client.get(f"/cases/{case_id}").status_code == 200
    for path in ("revisions", "revisions/1", "completion", "cancellation", "error", "identity"):
        assert client.get(f"/cases/{case_id}/{path}").status_code in {403, 404}, path
    for path in ("messages", "acknowledgement", "aftermath", "closure", "follow-up"):
        assert client.post(f"/cases/{case_id}/{path}").status_code in {403, 404}, path
    sign_in(client, world.who("pooled_requester"))
    assert client.get(f"/cases/{case_id}").status_code == 404
    assert "Avis reçus pour mes patients" not in client.get("/requests").text
    assert "Aucun avis reçu" in client.get("/requests/received").text


def test_a_critical_opinion_is_confirmed_by_the_treating_doctor_for_themselves(
    client: FlaskClient, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world, answer=cases.emergency(), patient=treated_by(world))
    sign_in(client, world.who("stranger"))
    page = client.get(f"/cases/{case_id}").text
    assert "J’ai pris connaissance" in page
    assert "Sans confirmation avant" not in page, "no reminder goes to them"
    with reading(world.system) as work:
        opinion_id = work.session.scalars(select(Delivery.opinion_id).where(Delivery.kind == COPY)).one()
    clock.advance(minutes=1)
    cases.amended(world, case_id, destination="emergency", calls=cases.emergency()["calls"])
    late = client.post(f"/cases/{case_id}/copy/acknowledgement", data={"opinion": str(opinion_id)})
    assert late.status_code == 409
    assert "Un avis plus récent vient d’être signé" in late.text
    done = client.post(f"/cases/{case_id}/copy/acknowledgement", follow_redirects=True)
    assert "Merci\u00a0: votre lecture est confirmée." in done.text
    assert "J’ai pris connaissance" not in done.text


def test_who_asked_and_who_answers_read_to_whom_the_opinion_goes(client: FlaskClient, world: World) -> None:
    case_id = cases.claimed(world, patient=treated_by(world))
    doctor = f"Dr {world.who('stranger').name}"
    for who in (Role.REQUESTER, Role.EXPERT):
        sign_in(client, world.who(who))
        page = client.get(f"/cases/{case_id}").text
        assert "À qui ira l’avis" in page
        assert f"{doctor}</span> · recevra l’avis" in page
    cases.sign(world, case_id)
    for who in (Role.REQUESTER, Role.EXPERT):
        sign_in(client, world.who(who))
        page = client.get(f"/cases/{case_id}").text
        assert "À qui l’avis est remis" in page
        assert f"{doctor}</span> · pas encore ouvert" in page
    sign_in(client, world.who("stranger"))
    client.get(f"/cases/{case_id}")
    sign_in(client, world.who(Role.EXPERT))
    assert f"{doctor}</span> · lu, " in client.get(f"/cases/{case_id}").text


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"treating_doctor_id": None}, "sans compte ici\u00a0: le demandeur lui remet le compte rendu"),
        ({"treating_doctor_refused": True}, "le patient s’oppose à ce que l’avis lui soit transmis"),
    ],
)
def test_why_a_treating_doctor_is_given_nothing_is_said(
    client: FlaskClient, world: World, more: dict[str, object], words: str
) -> None:
    case_id = cases.answered(world, patient=treated_by(world, **more))
    sign_in(client, world.who(Role.REQUESTER))
    assert words in client.get(f"/cases/{case_id}").text
    sign_in(client, world.who("stranger"))
    assert client.get(f"/cases/{case_id}").status_code == 404


def test_an_error_tells_by_hand_only_a_doctor_who_was_given_nothing(
    client: FlaskClient, world: World
) -> None:
    by_hand = "DermAvis n’écrit pas au médecin traitant"
    for more, said in (({}, False), ({"treating_doctor_id": None}, True)):
        case_id = cases.in_error(world, cases.answered(world, patient=treated_by(world, **more)))
        sign_in(client, world.who(Role.REQUESTER))
        assert (by_hand in client.get(f"/cases/{case_id}").text) is said
        sign_in(client, world.who("stranger"))
        page = client.get(f"/cases/{case_id}")
        assert page.status_code == (404 if said else 200)
        if not said:
            assert "Saisi par erreur" in page.text


def test_doctors_are_looked_up_by_a_few_letters_and_not_without_end(
    client: FlaskClient, world: World
) -> None:
    sign_in(client, world.who(Role.REQUESTER))
    asked = {"format": 1, "q": "stran"}
    answer = client.post("/api/v1/doctors", json=asked)
    (found,) = answer.get_json()["doctors"]
    assert found == {
        "id": str(world.who("stranger").person_id),
        "name": "Dr Camille Stranger",
        "place": "Cabinet du Port, Chalon-sur-Saône",
    }
    assert client.post("/api/v1/doctors", json={"format": 1, "q": 7}).status_code == 422
    for _ in range(DOCTORS_BY_PERSON.tries):
        last = client.post("/api/v1/doctors", json=asked)
    assert last.status_code == 429
    sign_in(client, world.who("other_requester"))
    assert client.post("/api/v1/doctors", json=asked).status_code == 200


def test_a_draft_says_at_once_that_a_chosen_doctor_cannot_be_given_the_opinion(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.drafted(world)
    sign_in(client, world.who(Role.REQUESTER))
    content = cases.content(patient=treated_by(world, Role.NURSE_REQUESTER))
    answer = client.put(
        f"/api/v1/drafts/{case_id}", json={"format": 1, "content": content}, headers={"If-Match": '"1"'}
    )
    (row,) = answer.get_json()["missing"]
    assert row["field"] == "patient.treating_doctor"
    assert row["message"].startswith("Ce médecin ne peut pas recevoir l’avis")


def test_only_a_doctor_may_say_that_they_are_the_treating_doctor(client: FlaskClient, world: World) -> None:
    for who, said in (
        (Role.REQUESTER, True),
        (Role.NURSE_REQUESTER, False),
        (Role.SUBSTITUTE, False),
        (Role.SITE_SECRETARY, False),
    ):
        sign_in(client, world.who(who))
        assert (f'data-doctor="Dr {world.who(who).name}"' in client.get("/requests/new").text) is said
        assert ("data-doctor" in client.get("/requests/new").text) is said


def test_an_opinion_that_was_referred_is_read_and_says_where_its_request_went(
    client: FlaskClient, world: World
) -> None:
    case_id, _ = referred(world, cases.claimed(world, patient=treated_by(world)))
    sign_in(client, world.who("stranger"))
    page = client.get(f"/cases/{case_id}")
    assert page.status_code == 200
    assert "Demande adressée aussi au CHU de Dijon, qui répondra au demandeur" in page.text
    assert _state(world, case_id) == "acknowledged"


def _away(world: World, stand_in: Role | str) -> None:
    with writing(world.system) as work:
        away = work.session.get_one(Person, world.who(Role.REQUESTER).person_id)
        away.substitute_id, away.absent_from = world.who(stand_in).person_id, work.now


def test_who_stands_in_for_the_requester_too_confirms_their_own_copy(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.answered(world, answer=cases.emergency(), patient=treated_by(world, "other_requester"))
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        following.acknowledge(work, case_id)
    _away(world, "other_requester")
    sign_in(client, world.who("other_requester"))
    page = client.get(f"/cases/{case_id}").text
    assert _state(world, case_id) == "opened"
    assert f'action="/cases/{case_id}/copy/acknowledgement"' in page
    assert client.post(f"/cases/{case_id}/copy/acknowledgement").status_code == 303
    assert _state(world, case_id) == "acknowledged"
    assert "copy/acknowledgement" not in client.get(f"/cases/{case_id}").text


def test_opening_reads_an_ordinary_copy_of_who_reads_the_case_otherwise_too(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.answered(world, patient=treated_by(world, "other_requester"))
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        following.open_case(work, case_id)
    _away(world, "other_requester")
    sign_in(client, world.who("other_requester"))
    client.get(f"/cases/{case_id}")
    assert _state(world, case_id) == "acknowledged"


def test_a_coordinator_who_is_the_treating_doctor_reads_the_opinion(
    client: FlaskClient, world: World
) -> None:
    who = world.who(Role.COORDINATOR)
    with writing(world.system) as work:
        work.session.add(
            Membership(
                id=uuid4(),
                person_id=who.person_id,
                organization_id=world.cpts_id,
                role=Role.REQUESTER.value,
                valid_from=date(2026, 1, 1),
            )
        )
    treated = treated_by(world, Role.COORDINATOR)
    case_id = cases.sent(world, "pooled_requester", patient=treated)
    with writing(world.system, world.actor(Role.COORDINATOR)) as work:
        pooling.release(work, case_id)
    with writing(world.system, world.actor(Role.EXPERT)) as work:
        claiming.claim(work, case_id)
    cases.sign(world, case_id)
    sign_in(client, who)
    page = client.get(f"/cases/{case_id}")
    assert (page.status_code, DIAGNOSIS in page.text) == (200, True)
    assert _state(world, case_id) == "acknowledged"


def test_opening_again_writes_nothing(
    client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = cases.answered(world, patient=treated_by(world))
    sign_in(client, world.who("stranger"))
    opened: list[UUID] = []
    monkeypatch.setattr(
        treating, "open_copy", lambda work, case: (opened.append(case), open_copy(work, case))
    )
    for _ in range(2):
        assert client.get(f"/cases/{case_id}").status_code == 200
    assert opened == [case_id]
