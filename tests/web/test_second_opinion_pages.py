"""The page on which a second opinion is asked, and what the two cases then show of each other."""

from __future__ import annotations

import html
import re
from uuid import UUID

from flask.testing import FlaskClient

from dermavis.domain.roles import Role
from tests import cases
from tests.factories import World
from tests.signing_in import sign_in
from tests.web.valid_page import valid_page


def test_a_second_opinion_is_asked_on_its_page_and_read_from_both_sides(
    client: FlaskClient, world: World
) -> None:
    first = cases.claimed(world)
    sign_in(client, world.who(Role.EXPERT))
    form = valid_page(client, f"/cases/{first}/second-opinion")
    new_id = re.findall(r'name="new" value="([^"]+)"', form)[0]
    typed = {"new": new_id, "team": str(world.other_team_id), "question": "Exérèse ?", "urgency": "routine"}
    refused = client.post(f"/cases/{first}/second-opinion", data=typed)
    assert refused.status_code == 422
    assert "Exérèse ?" in refused.text
    assert new_id in refused.text, "sent again it is the same case"
    asked = client.post(f"/cases/{first}/second-opinion", data=typed | {"agreed": "told_by_patient"})
    assert (asked.status_code, asked.headers["Location"].split("?")[0]) == (303, f"/cases/{first}")
    again = client.post(
        f"/cases/{first}/second-opinion", data=typed | {"new": str(UUID(int=7)), "agreed": "told_by_patient"}
    )
    assert again.status_code == 409
    assert "attendez-le" in html.unescape(again.text)
    assert "Second avis. Demandé au CHU de Dijon" in valid_page(client, f"/cases/{first}")
    own = valid_page(client, f"/cases/{new_id}")
    assert "Retour à la demande D-1" in own
    assert f'href="/cases/{first}"' in own
    sign_in(client, world.who("stranger_expert"))
    theirs = valid_page(client, f"/cases/{new_id}")
    assert "vous répondez à votre confrère" in theirs
    assert str(first) not in theirs
    sign_in(client, world.who(Role.REQUESTER))
    assert "Un second avis est demandé au CHU de Dijon" in valid_page(client, f"/cases/{first}")


def test_a_case_that_was_confided_is_given_back_by_its_button(client: FlaskClient, world: World) -> None:
    case_id = cases.claimed(world)
    to = {"person": str(world.who("other_expert").person_id), "words": "Je pars."}
    sign_in(client, world.who(Role.EXPERT))
    assert client.post(f"/cases/{case_id}/handover", data=to).status_code == 303
    sign_in(client, world.who("other_expert"))
    page = valid_page(client, f"/cases/{case_id}")
    assert "«\u00a0Je pars.\u00a0»" in page
    assert 'form="give-back"' in page
    back = {"person": str(world.who(Role.EXPERT).person_id)}
    assert client.post(f"/cases/{case_id}/handover", data=back).headers["Location"] == "/worklist"
    sign_in(client, world.who(Role.EXPERT))
    assert "Rendre à la file" in valid_page(client, f"/cases/{case_id}")
