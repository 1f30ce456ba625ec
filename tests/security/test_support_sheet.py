"""The technical sheet of a case: all that support needs, and nothing that was planted in it; each reading is noted."""

from __future__ import annotations

from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import select, update

from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Breakdown, Case, OutboxItem
from dermavis.services import conversation
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.answered_cases import CALL
from tests.factories import World
from tests.planted import Planted
from tests.signing_in import sign_in

WORDS = {
    "question": "Faut-il retirer cette tache zébrée ?",
    "message": "Elle a gratté hier soir chez sa sœur.",
    "conduct": "Exérèse aux marges de cinq zinzolins.",
    "call": "Zénobie rappelle demain",
}


def planted_case(world: World) -> tuple[str, Planted]:
    """A case with planted words everywhere, and what to look for: these and the patient's own identity."""
    answer = cases.opinion(destination="emergency", calls=[CALL | {"note": WORDS["call"]}])
    answer["lesions"][0]["conduct"] = WORDS["conduct"]
    case_id = cases.answered(world, answer=answer, question=WORDS["question"])
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        conversation.write(work, case_id, WORDS["message"])
        case = work.session.get_one(Case, case_id)
        patient = open_content(work, case, last_revision(work, case))["patient"]
    words = {name: str(patient[name]) for name in ("birth_name", "birth_date", "phone") if patient.get(name)}
    assert "birth_name" in words
    return cases.number_of(world.system, case_id), Planted(WORDS | words, pictures=False)


def test_the_sheet_tells_states_and_outcomes_and_nothing_of_the_patient(
    client: FlaskClient, system: System, world: World
) -> None:
    number, planted = planted_case(world)
    with writing(system) as work:
        failed = update(OutboxItem).where(OutboxItem.channel == "mail")
        work.session.execute(failed.values(done_at=work.now, outcome="refused", last_error="550"))
        case = work.session.scalars(select(Case).where(Case.number == number)).one()
        work.session.add(
            Breakdown(
                id=uuid4(), reference="K7QF-29MD", at=work.now, route="case_page.show", method="GET", status=500,
                kinds="KeyError", trace="KeyError\n", case_id=case.id,
            )
        )  # fmt: skip
        case_id = case.id
    sign_in(client, world.who(Role.REQUESTER))
    page = client.get(f"/cases/{case_id}").text
    assert {"question", "message", "conduct"} <= planted.in_text(
        page
    )  # the search finds them where they are shown
    sign_in(client, world.who(Role.SUPPORT))
    answer = client.post("/administration/service/search", data={"q": f" {number.lower()} "})
    sheet = client.get(answer.location).text
    assert planted.in_text(sheet) == set()
    for words in (number, "550", "refusé", "Avis rendu", "Relance d’un avis non lu", "K7QF-29MD", "urgent"):
        assert words in sheet, words
    with reading(system) as work:
        noted = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "support.read")).one()
        assert (noted.actor_id, noted.case_id) == (world.who(Role.SUPPORT).person_id, case_id)


def test_a_reference_that_was_read_aloud_leads_to_where_it_broke(
    client: FlaskClient, system: System, world: World
) -> None:
    case_id = cases.sent(world)
    with writing(system) as work:
        work.session.add(
            Breakdown(
                id=uuid4(), reference="K7QF-29MD", at=work.now, route="case_page.show", method="GET", status=500,
                kinds="KeyError", case_id=case_id,
                trace="KeyError\n  File opinion.py\n    said = known[code]\n           ^^^^^^\n",
            )
        )  # fmt: skip
    sign_in(client, world.who(Role.ADMINISTRATOR))
    answer = client.post("/administration/service/search", data={"q": "k7qf 29md"})
    told = client.get(answer.location).text
    assert "File opinion.py" in told
    assert "said = known[code]" in told
    assert "^^^" not in told
    assert cases.number_of(system, case_id) in told


def test_what_is_not_found_or_not_meant_is_said_and_other_roles_are_refused(
    client: FlaskClient, world: World
) -> None:
    number = cases.number_of(world.system, cases.sent(world))
    sign_in(client, world.who(Role.ADMINISTRATOR))
    answer = client.post("/administration/service/search", data={"q": "Vautrin"})
    assert (answer.status_code, "K7QF-29MD) est attendu" in answer.text) == (422, True)
    assert client.get("/administration/service/cases/D-999999").status_code == 404
    assert "K7QF-29ME" in client.get("/administration/service/breakdowns/K7QF-29ME").text
    for role in (Role.EXPERT, Role.DATA_PROTECTION_OFFICER):
        sign_in(client, world.who(role))
        assert client.get(f"/administration/service/cases/{number}").status_code == 403
