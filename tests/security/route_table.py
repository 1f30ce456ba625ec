"""Who may use every route: the table that the permission test walks. A new route must be written here.

``who``: the people of ``tests.factories`` for whom the answer is no denial. Everybody else gets 403 or 404, and a
stranger, who is not signed in, the way to the door. ``case``: the state of the case in the address; ``body`` what is
posted. What an allowed person gets may still be a word about the form (400, 405, 409, 422) or the way to a page that
denies.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dermavis.domain.roles import Role

R = Role
REQUESTING = frozenset({R.REQUESTER, R.NURSE_REQUESTER, R.SUBSTITUTE})
DRAFTING = REQUESTING | {R.SITE_SECRETARY}
SIGNING = frozenset({R.EXPERT, R.SUPER_USER})
EVERYBODY = frozenset(Role)
READERS = frozenset({R.REQUESTER, R.SITE_SECRETARY, R.EXPERT, R.SUPER_USER, R.JUNIOR, R.CENTRE_SECRETARY})
OWNER = frozenset({R.REQUESTER})
POOLING = frozenset({R.COORDINATOR})
ADMINISTERING = frozenset({R.ADMINISTRATOR})
SUPPORTING = frozenset({R.ADMINISTRATOR, R.SUPPORT})
AUDITING = frozenset({R.ADMINISTRATOR, R.DATA_PROTECTION_OFFICER})
ASKED = DRAFTING | AUDITING
PRINTING = REQUESTING | {R.SUPER_USER}
CHARTERING = frozenset({R.ADMINISTRATOR, R.SUPER_USER})
# Names of ids of the world, filled in by the test.
CENTRE = {"organization_id": "centre_id", "team_id": "team_id"}
SITE = {"organization_id": "site_id"}
OTHER_SITE = {"organization_id": "other_site_id"}
SOMEBODY = {"person_id": "other_requester"}
TUS = {"Tus-Resumable": "1.0.0"}
PATCHING = TUS | {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}


@dataclass(frozen=True)
class Access:
    """Who may use one method of one route, on what."""

    who: frozenset[Role]
    case: str = ""
    body: Any = ""
    json: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)


TABLE: dict[str, Access] = {
    # Oneself
    "GET /": Access(EVERYBODY),
    "GET /account": Access(EVERYBODY),
    "POST /account/absence": Access(EVERYBODY),
    "POST /account/devices/<uuid:device_id>/forget": Access(frozenset()),
    "POST /account/organization": Access(EVERYBODY),
    "GET /account/password": Access(EVERYBODY),
    "POST /account/password": Access(EVERYBODY),
    "POST /account/profile": Access(EVERYBODY),
    "GET /account/prove/<what>": Access(EVERYBODY, arguments={"what": "factor"}),
    "POST /account/prove/<what>": Access(EVERYBODY, arguments={"what": "factor"}),
    "GET /account/recovery-codes": Access(EVERYBODY),
    "POST /account/recovery-codes": Access(EVERYBODY),
    "POST /account/sessions/<uuid:session_id>/end": Access(frozenset()),
    "POST /account/sessions/end-others": Access(EVERYBODY),
    "GET /sign-in/held": Access(EVERYBODY),
    "POST /sign-in/held/discard": Access(EVERYBODY),
    "GET /welcome": Access(EVERYBODY),
    "POST /welcome": Access(EVERYBODY),
    "GET /notifications": Access(EVERYBODY),
    "GET /notifications/<uuid:notification_id>": Access(frozenset()),
    "GET /notifications/preferences": Access(EVERYBODY),
    "POST /notifications/preferences": Access(EVERYBODY),
    "POST /notifications/read": Access(EVERYBODY),
    "POST /notifications/subscriptions": Access(EVERYBODY, json={}),
    "DELETE /notifications/subscriptions": Access(EVERYBODY, json={}),
    # The reference card
    "GET /reference-card": Access(PRINTING),
    "POST /reference-card/prints": Access(PRINTING),
    "GET /reference-card/prints/<uuid:print_id>/sheet.pdf": Access(frozenset()),
    "POST /reference-card/prints/<uuid:print_id>/verify": Access(frozenset(), body={"fits": "1"}),
    "POST /reference-card/prints/<uuid:print_id>/withdraw": Access(frozenset()),
    # The photo course
    "GET /photo-course": Access(DRAFTING),
    "GET /photo-course/<step>": Access(DRAFTING, arguments={"step": "light"}),
    "POST /photo-course/card": Access(REQUESTING),
    "POST /photo-course/finish": Access(DRAFTING),
    "POST /photo-course/pairs": Access(DRAFTING),
    # The request
    "GET /requests": Access(DRAFTING),
    "GET /requests/new": Access(DRAFTING),
    "GET /requests/received": Access(DRAFTING),
    "GET /requests/search": Access(DRAFTING),
    "POST /requests/search": Access(DRAFTING),
    "GET /requests/<uuid:case_id>/pictures": Access(frozenset(), case="draft"),
    "POST /requests/<uuid:case_id>/pictures": Access(frozenset(), case="draft"),
    "GET /requests/<uuid:case_id>": Access(OWNER | {R.SITE_SECRETARY}, case="draft"),
    "GET /api/v1/addressing": Access(DRAFTING),
    "GET /api/v1/addressing/each": Access(DRAFTING),
    "GET /api/v1/kept-cases": Access(EVERYBODY),
    "GET /api/v1/kept-cases/<uuid:case_id>": Access(OWNER, case="answered"),
    "GET /api/v1/device-key": Access(EVERYBODY),
    "POST /api/v1/device-code": Access(frozenset()),
    "DELETE /api/v1/device-code": Access(EVERYBODY),
    "POST /api/v1/device-code/spent": Access(EVERYBODY),
    "GET /api/v1/drafts/<uuid:case_id>": Access(OWNER | {R.SITE_SECRETARY}, case="draft"),
    "PUT /api/v1/drafts/<uuid:case_id>": Access(
        OWNER | {R.SITE_SECRETARY},
        case="draft",
        json={"format": 1, "content": {}},
        headers={"If-Match": '"1"'},
    ),
    "DELETE /api/v1/drafts/<uuid:case_id>": Access(OWNER | {R.SITE_SECRETARY}, case="draft"),
    "GET /api/v1/drafts/<uuid:case_id>/photos": Access(OWNER | {R.SITE_SECRETARY}, case="draft"),
    "DELETE /api/v1/drafts/<uuid:case_id>/photos/<uuid:photo_id>": Access(frozenset(), case="on_hold"),
    "POST /api/v1/drafts/<uuid:case_id>/send": Access(OWNER, case="draft", json={"format": 1, "revision": 1}),
    "POST /api/v1/doctors": Access(DRAFTING, json={"format": 1, "q": "camille"}),
    "PUT /api/v1/stubs": Access(
        DRAFTING, json={"format": 1, "device": "6df35d75-b54c-4b24-97ae-ba036779c8bb", "stubs": []}
    ),
    "POST /api/v1/patients": Access(DRAFTING, json={"format": 1, "q": "vautrin"}),
    "POST /api/v1/uploads": Access(EVERYBODY),
    "GET /api/v1/uploads/<uuid:upload_id>": Access(EVERYBODY, headers=TUS),
    "PATCH /api/v1/uploads/<uuid:upload_id>": Access(frozenset(), headers=PATCHING, body="x"),
    "POST /api/v1/uploads/<uuid:upload_id>": Access(EVERYBODY, headers=TUS),
    # One case
    "GET /cases/<uuid:case_id>": Access(READERS, case="answered"),
    "GET /cases/<uuid:case_id>/photos/<uuid:photo_id>/<role>": Access(frozenset(), case="answered"),
    "GET /cases/<uuid:case_id>/photos/new": Access(OWNER, case="on_hold"),
    "POST /cases/<uuid:case_id>/photos/new": Access(OWNER, case="on_hold"),
    "POST /cases/<uuid:case_id>/messages": Access(
        OWNER | SIGNING | {R.JUNIOR}, case="claimed", body={"text": "Bonjour"}
    ),
    "POST /cases/<uuid:case_id>/acknowledgement": Access(OWNER, case="answered"),
    # Copied to a doctor who is away: the substitute stands in for them.
    "POST /cases/<uuid:case_id>/copy/acknowledgement": Access(frozenset({R.SUBSTITUTE}), case="copied"),
    "POST /cases/<uuid:case_id>/aftermath": Access(OWNER, case="answered"),
    "POST /cases/<uuid:case_id>/appointment": Access(OWNER | {R.CENTRE_SECRETARY}, case="in_person"),
    "GET /cases/<uuid:case_id>/cancellation": Access(OWNER, case="claimed"),
    "POST /cases/<uuid:case_id>/cancellation": Access(OWNER, case="claimed"),
    "POST /cases/<uuid:case_id>/closure": Access(OWNER, case="answered"),
    "GET /cases/<uuid:case_id>/completion": Access(OWNER, case="claimed"),
    "POST /cases/<uuid:case_id>/completion": Access(OWNER, case="claimed"),
    "POST /cases/<uuid:case_id>/follow-up": Access(OWNER, case="answered"),
    "GET /cases/<uuid:case_id>/error": Access(OWNER | SIGNING, case="answered"),
    "POST /cases/<uuid:case_id>/error": Access(OWNER | SIGNING, case="answered"),
    "GET /cases/<uuid:case_id>/anew": Access(OWNER, case="in_error"),
    "POST /cases/<uuid:case_id>/anew": Access(OWNER, case="in_error"),
    "POST /cases/<uuid:case_id>/anew/declined": Access(OWNER, case="in_error"),
    "GET /cases/<uuid:case_id>/identity": Access(OWNER | {R.SITE_SECRETARY}, case="claimed"),
    "POST /cases/<uuid:case_id>/identity": Access(OWNER | {R.SITE_SECRETARY}, case="claimed"),
    "GET /cases/<uuid:case_id>/revisions": Access(READERS, case="answered"),
    "GET /cases/<uuid:case_id>/revisions/<int:number>": Access(
        READERS, case="answered", arguments={"number": "1"}
    ),
    "GET /cases/<uuid:case_id>/revisions/since/<int:number>": Access(
        READERS, case="answered", arguments={"number": "1"}
    ),
    "GET /cases/<uuid:case_id>/redirection": Access(OWNER | SIGNING, case="sent"),
    "POST /cases/<uuid:case_id>/redirection": Access(OWNER, case="declined"),
    "GET /cases/<uuid:case_id>/second-opinion": Access(frozenset({R.EXPERT}), case="claimed"),
    "POST /cases/<uuid:case_id>/second-opinion": Access(frozenset({R.EXPERT}), case="claimed"),
    "GET /cases/<uuid:case_id>/referral": Access(frozenset({R.EXPERT}), case="claimed"),
    "POST /cases/<uuid:case_id>/referral": Access(frozenset({R.EXPERT}), case="claimed"),
    "GET /cases/<uuid:case_id>/report": Access(READERS - {R.SITE_SECRETARY}, case="answered"),
    "GET /cases/<uuid:case_id>/report.pdf": Access(READERS - {R.SITE_SECRETARY}, case="answered"),
    "GET /cases/<uuid:case_id>/report.txt": Access(READERS - {R.SITE_SECRETARY}, case="answered"),
    "POST /cases/<uuid:case_id>/claim": Access(SIGNING, case="sent"),
    "POST /cases/<uuid:case_id>/decline": Access(frozenset({R.EXPERT}), case="claimed"),
    "POST /cases/<uuid:case_id>/handover": Access(frozenset({R.EXPERT}), case="claimed"),
    "POST /cases/<uuid:case_id>/opinion": Access(frozenset({R.EXPERT, R.JUNIOR}), case="claimed"),
    "POST /cases/<uuid:case_id>/opinion/taken-back": Access(frozenset({R.EXPERT}), case="leaving"),
    "POST /cases/<uuid:case_id>/reached": Access(SIGNING, case="unread", body={"whom": "patient"}),
    "POST /cases/<uuid:case_id>/question/settled": Access(SIGNING, case="asked_again"),
    "POST /cases/<uuid:case_id>/precision": Access(frozenset({R.EXPERT}), case="claimed"),
    "POST /cases/<uuid:case_id>/release": Access(frozenset({R.EXPERT}), case="claimed"),
    "POST /cases/<uuid:case_id>/urgency": Access(SIGNING, case="claimed"),
    # The site's patients
    "GET /patients/duplicates": Access(DRAFTING),
    "GET /patients/duplicates/<uuid:patient_id>/<uuid:other_id>": Access(frozenset()),
    "POST /patients/duplicates/<uuid:patient_id>/<uuid:other_id>": Access(frozenset()),
    "GET /patients/merges/<uuid:merge_id>": Access(frozenset()),
    "POST /patients/merges/<uuid:merge_id>": Access(frozenset()),
    # The expert's lists
    "GET /worklist": Access(SIGNING | {R.JUNIOR}),
    "GET /worklist/diagnoses": Access(SIGNING | {R.JUNIOR}),
    "POST /worklist/sitting": Access(SIGNING | {R.JUNIOR}),
    # The coordination's board
    "GET /pooling": Access(POOLING),
    "GET /pooling/<uuid:case_id>": Access(POOLING, case="pooled"),
    "POST /pooling/<uuid:case_id>/addressing": Access(POOLING, case="pooled"),
    "GET /pooling/<uuid:case_id>/completion": Access(POOLING, case="pooled"),
    "POST /pooling/<uuid:case_id>/completion": Access(POOLING, case="pooled"),
    "POST /pooling/<uuid:case_id>/note": Access(POOLING, case="pooled", body={"note": "Bonjour"}),
    "POST /pooling/<uuid:case_id>/return": Access(POOLING, case="pooled"),
    "POST /pooling/hold": Access(POOLING),
    "GET /pooling/members": Access(POOLING),
    "POST /pooling/release": Access(POOLING),
    "POST /pooling/search": Access(POOLING),
    "GET /pooling/sent": Access(POOLING),
    "POST /pooling/sent/search": Access(POOLING),
    # Administration
    "GET /administration": Access(SUPPORTING | {R.SUPER_USER, R.DATA_PROTECTION_OFFICER}),
    "GET /administration/audit": Access(AUDITING),
    "GET /administration/audit/cases/<number>": Access(AUDITING, arguments={"number": "D-1"}),
    "GET /administration/audit/export.csv": Access(AUDITING),
    "POST /administration/audit/search": Access(AUDITING),
    "GET /administration/retention": Access(AUDITING),
    "POST /administration/retention/search": Access(AUDITING),
    "GET /administration/retention/<number>": Access(AUDITING, arguments={"number": "D-1"}),
    "POST /administration/retention/<number>/hold": Access(ADMINISTERING, arguments={"number": "D-1"}),
    "POST /administration/retention/<number>/hold/lifted": Access(ADMINISTERING, arguments={"number": "D-1"}),
    "GET /administration/charters": Access(EVERYBODY),
    "GET /administration/charters/<uuid:organization_id>": Access(CHARTERING, arguments=CENTRE),
    "POST /administration/charters/<uuid:organization_id>": Access(CHARTERING, arguments=CENTRE),
    "GET /administration/charters/<uuid:organization_id>/versions/<int:version>": Access(
        CHARTERING, arguments=CENTRE | {"version": "1"}
    ),
    "GET /administration/factor-resets/<uuid:reset_id>": Access(frozenset()),
    "POST /administration/factor-resets/<uuid:reset_id>": Access(frozenset()),
    "GET /administration/organizations": Access(ADMINISTERING),
    "GET /administration/organizations/<uuid:organization_id>": Access(ADMINISTERING, arguments=CENTRE),
    "GET /administration/organizations/<uuid:organization_id>/closing": Access(ADMINISTERING, arguments=SITE),
    "POST /administration/organizations/<uuid:organization_id>/closing": Access(
        ADMINISTERING, arguments=OTHER_SITE
    ),
    "POST /administration/organizations/<uuid:organization_id>/reopening": Access(
        ADMINISTERING, arguments=OTHER_SITE
    ),
    "POST /administration/organizations/<uuid:organization_id>/coordination": Access(
        ADMINISTERING, arguments=OTHER_SITE
    ),
    "POST /administration/organizations/<uuid:organization_id>/target": Access(
        ADMINISTERING, arguments=OTHER_SITE
    ),
    "GET /administration/organizations/<uuid:organization_id>/edit": Access(ADMINISTERING, arguments=SITE),
    "POST /administration/organizations/<uuid:organization_id>/edit": Access(ADMINISTERING, arguments=SITE),
    "POST /administration/organizations/<uuid:organization_id>/teams": Access(
        ADMINISTERING, arguments=CENTRE
    ),
    "POST /administration/organizations/<uuid:organization_id>/teams/<uuid:team_id>": Access(
        ADMINISTERING, arguments=CENTRE
    ),
    "GET /administration/organizations/new": Access(ADMINISTERING),
    "POST /administration/organizations/new": Access(ADMINISTERING),
    "GET /administration/people": Access(ADMINISTERING),
    "GET /administration/people/<uuid:person_id>": Access(ADMINISTERING, arguments=SOMEBODY),
    "GET /administration/people/<uuid:person_id>/factor-reset": Access(ADMINISTERING, arguments=SOMEBODY),
    "POST /administration/people/<uuid:person_id>/factor-reset": Access(ADMINISTERING, arguments=SOMEBODY),
    "POST /administration/people/<uuid:person_id>/invitation": Access(ADMINISTERING, arguments=SOMEBODY),
    "GET /administration/people/<uuid:person_id>/revocation": Access(ADMINISTERING, arguments=SOMEBODY),
    "POST /administration/people/<uuid:person_id>/revocation": Access(ADMINISTERING, arguments=SOMEBODY),
    "POST /administration/people/<uuid:person_id>/restoration": Access(ADMINISTERING, arguments=SOMEBODY),
    "POST /administration/people/<uuid:person_id>/roles": Access(ADMINISTERING, arguments=SOMEBODY),
    "GET /administration/people/<uuid:person_id>/roles/<uuid:membership_id>/end": Access(frozenset()),
    "POST /administration/people/<uuid:person_id>/roles/<uuid:membership_id>/end": Access(frozenset()),
    "GET /administration/people/new": Access(ADMINISTERING),
    "POST /administration/people/new": Access(ADMINISTERING),
    "POST /administration/people/search": Access(ADMINISTERING),
    "GET /administration/service": Access(SUPPORTING),
    "GET /administration/service/breakdowns/<reference>": Access(
        frozenset(), arguments={"reference": "K7QF-29MD"}
    ),
    "GET /administration/service/cases/<number>": Access(SUPPORTING, arguments={"number": "D-1"}),
    "POST /administration/service/search": Access(SUPPORTING, body={"q": "D-1"}),
    # What patients ask about their data
    "GET /demands": Access(ASKED),
    "POST /demands/search": Access(ASKED),
    "GET /demands/export.csv": Access(AUDITING),
    "GET /demands/new": Access(ASKED),
    "POST /demands/new": Access(ASKED),
    "GET /demands/<uuid:demand_id>": Access(frozenset()),
    "POST /demands/<uuid:demand_id>/identity": Access(frozenset()),
    "POST /demands/<uuid:demand_id>/extension": Access(frozenset()),
    "POST /demands/<uuid:demand_id>/note": Access(frozenset()),
    "POST /demands/<uuid:demand_id>/answer": Access(frozenset()),
    "POST /demands/<uuid:demand_id>/record": Access(frozenset()),
}
"""``frozenset()``: nobody of the table owns the thing in the address, so everybody is denied; the owners' own tests are
elsewhere."""
