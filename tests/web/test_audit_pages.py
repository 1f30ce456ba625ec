"""The audit's pages: who opened what, searched, paged and exported, and never the patient."""

from __future__ import annotations

import csv
import io
import re
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, AuditSeal, Organization, Person
from dermavis.services.audit_sealing import seal_all
from dermavis.services.readings import record_reading
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.factories import World
from tests.signing_in import sign_in


def _looked(system: System, world: World) -> tuple[str, UUID]:
    """A sent case whose page and first picture an expert has opened; its number and that picture."""
    from dermavis.models import Photo

    case_id = cases.sent(world)
    expert = world.actor(Role.EXPERT)
    requester = world.who(Role.REQUESTER)
    photo = uuid4()
    with writing(system) as work:
        work.session.add(
            Photo(
                id=photo,
                case_id=case_id,
                view=system.specialty("dermatology").views[0].id,
                state="ready",
                added_by=requester.person_id,
                organization_id=requester.organization_id,
                created_at=work.now,
            )
        )
    record_reading(system, expert, "case.read", case_id=case_id, subject_kind="case", subject_id=case_id)
    for role in ("diagnostic", "original"):
        record_reading(
            system, expert, "photo.read", case_id=case_id, subject_kind="photo", subject_id=photo, role=role
        )
    record_reading(system, expert, "list.read", subject_kind="worklist.queue", cases=[str(case_id)])
    return cases.number_of(system, case_id), photo


def test_the_audit_tells_who_opened_a_case_and_each_picture_and_never_the_patient(
    client: FlaskClient, system: System, world: World
) -> None:
    number, _ = _looked(system, world)
    sign_in(client, world.who(Role.DATA_PROTECTION_OFFICER))
    page = client.get(f"/administration/audit/cases/{number}").get_data(as_text=True)
    assert "Dr Camille Expert" in page
    assert "CH de Chalon-sur-Saône" in page
    assert "plein format, à l’écran" in page
    assert page.count("2 fois") == 1
    assert "Personne n’a ouvert le compte rendu." in page
    trail = client.get(f"/administration/audit?number={number}").get_data(as_text=True)
    assert "Photo regardée" in trail
    assert "Photo 1 · " in trail
    patient = cases.content()["patient"]
    for name in (patient["birth_name"], patient["first_name"]):
        assert len(name) > 3
        assert name.lower() not in (page + trail).lower()
    assert client.get("/administration/audit/cases/D-999999").status_code == 404


def test_the_audit_says_how_far_it_is_sealed(client: FlaskClient, system: System, world: World) -> None:
    _looked(system, world)
    sign_in(client, world.who(Role.DATA_PROTECTION_OFFICER))
    assert "Rien n’est encore scellé." in client.get("/administration/audit").get_data(as_text=True)
    seal_all(system)
    page = client.get("/administration/audit").get_data(as_text=True).replace("\u00a0", " ")
    assert "Scellé jusqu’au 12 mars 2026, 10 h, sans témoin extérieur." in page
    with writing(system) as work:
        work.session.scalars(select(AuditSeal)).one().witnessed_at = work.now
    page = client.get("/administration/audit").get_data(as_text=True).replace("\u00a0", " ")
    assert "Scellé jusqu’au 12 mars 2026, 10 h, témoin prévenu le 12 mars 2026, 10 h." in page


def test_reading_the_audit_is_itself_in_the_audit(client: FlaskClient, system: System, world: World) -> None:
    number, _ = _looked(system, world)
    sign_in(client, world.who(Role.DATA_PROTECTION_OFFICER))
    client.get(f"/administration/audit/cases/{number}")
    client.get("/administration/audit?action=readings")
    client.get("/administration/audit/export.csv")
    officer = world.who(Role.DATA_PROTECTION_OFFICER).person_id
    with reading(system) as work:
        rows = work.session.scalars(
            select(AuditEvent.action).where(AuditEvent.actor_id == officer).order_by(AuditEvent.id)
        ).all()
    assert rows == ["audit.read", "audit.read", "audit.export"]


def test_the_filter_turns_a_name_into_an_id_and_says_what_it_cannot_read(
    client: FlaskClient, system: System, world: World
) -> None:
    _looked(system, world)
    sign_in(client, world.who(Role.ADMINISTRATOR))
    expert = world.who(Role.EXPERT).person_id
    found = client.post("/administration/audit/search", data={"name": "dr camille expert"})
    assert found.status_code == 200
    assert f"/administration/audit?person={expert}" in found.get_data(as_text=True)
    one = client.post("/administration/audit/search", data={"name": "super user", "action": "photo.read"})
    assert one.status_code == 303
    assert one.location.endswith(f"?person={world.who(Role.SUPER_USER).person_id}&action=photo.read")
    page = client.get(f"/administration/audit?person={expert}&action=photo.read").get_data(as_text=True)
    assert 'value="Dr Camille Expert"' in page
    assert page.count('data-label="Quand"') == 2
    wrong = client.post(
        "/administration/audit/search",
        data={"number": "Mme Durand", "first": "2026-13-40", "last": "0001-01-01", "action": "x"},
    )
    text = wrong.get_data(as_text=True)
    assert wrong.status_code == 422
    for field in ("number", "first", "last", "action"):
        assert f'id="{field}-error"' in text, field
    assert 'value="Mme Durand"' in text
    assert client.post("/administration/audit/search", data={"name": "%"}).status_code == 422
    assert client.get("/administration/audit?before=99999999999999999999").status_code == 200
    assert client.get("/administration/audit?last=9999-12-31").status_code == 422
    assert client.get("/administration/audit?first=2026-03-13&last=2026-03-12").status_code == 422


def test_the_audit_goes_on_page_after_page_without_a_row_twice(
    client: FlaskClient, system: System, world: World
) -> None:
    with writing(system, world.actor(Role.EXPERT)) as work:
        for _ in range(120):
            work.audit("notices.choose")
    sign_in(client, world.who(Role.ADMINISTRATOR))
    address: str | None = "/administration/audit?action=notices.choose"
    counts = []
    while address:
        page = client.get(address).get_data(as_text=True).replace("&amp;", "&")
        counts.append(page.count('data-label="Quand"'))
        following = re.search(r'href="([^"]+)"[^>]*>(?:(?!</a>).)*Plus anciennes', page, re.DOTALL)
        address = following[1] if following else None
    assert counts == [50, 50, 20]


def test_the_file_opens_in_a_spreadsheet_and_no_cell_is_a_formula(
    client: FlaskClient, system: System, world: World
) -> None:
    with writing(system) as work:
        work.session.get_one(Organization, world.centre_id).name = '=HYPERLINK("http://mal";"clic")'
        work.session.get_one(Person, world.who(Role.EXPERT).person_id).title = "@Dr"
    number, _ = _looked(system, world)
    sign_in(client, world.who(Role.ADMINISTRATOR))
    response = client.get(f"/administration/audit/export.csv?number={number}")
    assert response.mimetype == "text/csv"
    assert response.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(response.data.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:3] == ["Date et heure", "Qui", "Pour"]
    cells = {cell for row in rows for cell in row}
    assert '\'=HYPERLINK("http://mal";"clic")' in cells
    assert any(cell.startswith("'@Dr") for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert {row[7] for row in rows[1:]} == {number}
