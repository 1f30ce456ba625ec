"""A centre's charter on its page: read, changed by its form, and nobody else's run over."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import CentreCharter
from dermavis.services.work import System, reading
from tests.factories import World
from tests.signing_in import sign_in


def test_a_super_user_never_sees_another_centres_charter(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who(Role.SUPER_USER))
    assert client.get(f"/administration/charters/{world.centre_id}").status_code == 200
    assert client.get(f"/administration/charters/{world.other_centre_id}").status_code == 404
    assert client.post(f"/administration/charters/{world.other_centre_id}").status_code == 404
    assert client.get(f"/administration/charters/{world.site_id}").status_code == 404


def _charter_form(page: str) -> dict[str, list[str]]:
    """Return the form as a browser would send it back untouched."""
    body = re.search(r'<form class="column charter-form".*?</form>', page, re.DOTALL)
    assert body
    values: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", body[0]):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and (('type="checkbox"' not in tag and 'type="radio"' not in tag) or " checked" in tag):
            values.setdefault(name[1], []).append(value[1] if value else "")
    for name, text in re.findall(
        r'<textarea[^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', body[0], re.DOTALL
    ):
        values[name] = [text]
    return values


def test_a_charter_sent_back_untouched_is_the_same(client: FlaskClient, system: System, world: World) -> None:
    sign_in(client, world.who(Role.SUPER_USER))
    here = f"/administration/charters/{world.centre_id}"
    form = _charter_form(client.get(here).get_data(as_text=True))
    assert form["mon_from_1"] == ["08:30"]
    assert client.post(here, data=form).status_code == 303
    with reading(system) as work:
        rows = work.session.scalars(
            select(CentreCharter)
            .where(CentreCharter.organization_id == world.centre_id)
            .order_by(CentreCharter.version)
        ).all()
        assert [row.version for row in rows] == [1, 2]
        before, after = rows[0].content, rows[1].content
    for part in ("delays", "motives", "professions", "territory", "idle_claim_hours", "rota", "red_flags"):
        same = sorted(before[part]) == sorted(after[part]) if isinstance(before[part], list) else None
        assert same or before[part] == after[part], part
    assert after["hours"]["week"]["mon"] == [["08:30", "18:30"]]
    assert after["hours"]["week"]["sun"] == []


def test_a_charter_with_faults_says_them_and_keeps_what_was_typed(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who(Role.ADMINISTRATOR))
    here = f"/administration/charters/{world.centre_id}"
    form = _charter_form(client.get(here).get_data(as_text=True))
    form |= {
        "routine_target": ["beaucoup"],
        "tue_from_1": ["18:00"],
        "tue_to_1": ["09:00"],
        "closed": ["31/02/2026"],
        "territory": ["Mâcon"],
        "phone": ["12"],
        "idle_claim_hours": ["deux"],
        "effective_from": ["demain"],
        "motives": [],
    }
    response = client.post(here, data=form)
    assert response.status_code == 422
    assert 'id="effective_from-error"' in response.get_data(as_text=True)
    page = client.post(here, data=form | {"effective_from": [""]}).get_data(as_text=True)
    for field in (
        "routine_target", "tue_from_1", "closed", "territory", "phone", "idle_claim_hours", "motives",
    ):  # fmt: skip
        assert f'id="{field}-error"' in page, field
        assert f'href="#{field}"' in page, field
        assert re.search(rf'id="{field}"', page), field
    assert 'value="beaucoup"' in page
    assert "31/02/2026" in page


def test_a_charter_begins_on_its_day_and_somebody_elses_newer_one_is_not_run_over(
    client: FlaskClient, system: System, world: World
) -> None:
    sign_in(client, world.who(Role.ADMINISTRATOR))
    here = f"/administration/charters/{world.centre_id}"
    form = _charter_form(client.get(here).get_data(as_text=True))
    later = form | {"routine_target": ["40"], "effective_from": ["2026-04-01"]}
    assert client.post(here, data=later).status_code == 303
    page = client.get(here).get_data(as_text=True)
    assert "à venir" in page
    assert _charter_form(page)["routine_target"] == ["48"]
    assert "1er avr. 2026, 0 h" in page.replace("\u00a0", " ")
    assert "40 h" in client.get(f"{here}/versions/2").get_data(as_text=True).replace("\u00a0", " ")
    assert client.get(f"{here}/versions/9").status_code == 404
    stale = client.post(here, data=form | {"routine_target": ["30"]})
    assert stale.status_code == 409
    assert 'value="30"' in stale.get_data(as_text=True)
