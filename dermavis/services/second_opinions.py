"""An expert asks another centre for a second opinion: a case of its own, of which they are the requester.

The first case stays with its expert, who answers the patient's doctor. The second centre never reads the first case,
nor the patient's doctor the second.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from dermavis.domain.case_states import Who
from dermavis.domain.errors import Conflict
from dermavis.domain.permissions import Permission
from dermavis.domain.second_opinions import SECOND_OPINION
from dermavis.models import Case, Person
from dermavis.services.access import find_case
from dermavis.services.child_cases import Asked, Child, begin_child, centres_to_ask, check_asked, content_for
from dermavis.services.copied_pictures import Copy, copy_pictures
from dermavis.services.notices import announce
from dermavis.services.offers import Offers
from dermavis.services.photo_files import forget_files
from dermavis.services.second_opinion_links import check_none_awaited, watch_second_opinion
from dermavis.services.sending import submit
from dermavis.services.vault import Sealer
from dermavis.services.work import Actor, System, Work, reading, writing


def colleagues_to_ask(work: Work, case_id: UUID) -> Offers:
    """Return the centres that may give a second opinion on a case that the actor answers, and who cannot."""
    return centres_to_ask(work, find_case(work, case_id, Permission.SECOND_OPINION_ASK))


def ask_second_opinion(system: System, actor: Actor, case_id: UUID, new_id: UUID, asked: Asked) -> UUID:
    """Ask; return ``new_id``, the second case's, which the form chose: sent twice, it is one case.

    Raises InvalidInput by field, NotAddressable, and Conflict ``second_opinion_awaited`` while another one is.
    """
    key = system.cipher.new_key()
    with reading(system, actor) as work:
        case = find_case(work, case_id, Permission.SECOND_OPINION_ASK)
        if _is_there(work, case, new_id):
            return new_id
        check_none_awaited(work, case)
        check_asked(work, case, asked)
        # Read and sealed anew outside the writing transaction: it waits for the disk.
        copies = copy_pictures(work, case, asked.photo_ids, Sealer.under(system.cipher, key))
    kept = False
    try:
        with writing(system, actor) as work:
            case = find_case(work, case_id, Permission.SECOND_OPINION_ASK, lock=True)
            if not _is_there(work, case, new_id):
                check_none_awaited(work, case)
                _begin(work, case, new_id, key, asked, copies)
                kept = True
    finally:
        if not kept:
            forget_files(system, [file.store_key for copy in copies for file in copy.files])
    return new_id


def _is_there(work: Work, case: Case, new_id: UUID) -> bool:
    second = work.session.get(Case, new_id)
    if second is not None and second.parent_id != case.id:
        raise Conflict("taken", "Rechargez la page, puis demandez de nouveau.")
    return second is not None


def _begin(work: Work, case: Case, new_id: UUID, key: bytes, asked: Asked, copies: Sequence[Copy]) -> None:
    me = work.acting
    asker = work.session.get_one(Person, me.person_id)
    content = content_for(work, case, asked, copies, {"phone": asker.phone})
    new = Child(SECOND_OPINION, new_id, key, me.organization_id, me.person_id)
    second = begin_child(work, case, new, content, copies)
    submit(work, second, content, Who.REQUESTER)
    watch_second_opinion(work, second)
    work.audit(
        "case.second_opinion",
        case_id=case.id,
        subject_kind="case",
        subject_id=new_id,
        agreed=asked.agreed,
        photos=len(copies),
    )
    announce(work, "second_opinion", case, [case.requester_id])
