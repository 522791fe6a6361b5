"""Rows of the vanguard in the cast's community, for tests that ask every address."""

from __future__ import annotations

from typing import Any

from doorstep.demo.vanguard import cast_life
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.activities.models import Session
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared import clock
from doorstep.modules.vanguard import services, services_members, services_wishes
from doorstep.modules.vanguard.models import Called, Callup, Feedback, Holding, Member, Post, Project, Wish
from doorstep.modules.vanguard.services import NewKept, Places
from doorstep.modules.vanguard.services_feedback import tell_employers

COMMUNITY = "210202005011"


def lay_down() -> None:
    """What the cast has in hand; a post held by somebody, an area, a project; a word to the department's people."""
    today, platform = clock.today(), system_actor("tests")
    assert cast_life.play(today)
    party = (
        UnitVersion.objects.in_force().get(kind="community_party_organisation", place_code=COMMUNITY).unit_id
    )
    new = [NewKept(place_code=COMMUNITY, name=name, unit_id=party, valid_from=today) for name in "岗区目"]
    post = services.set_up_post(actor=platform, new=new[0], kind="service")
    services.set_up_area(actor=platform, new=new[1], places=Places(codes=[f"{COMMUNITY}001"]))
    services.set_up_project(actor=platform, new=new[2], aim="目标")
    leader = Account.objects.get(username="leader")
    services.give(
        actor=platform, what="post", pk=post.pk, person_id=leader.person_id, unit_id=party, valid_from=today
    )
    _tell(leader, platform)


def _tell(account: Account, platform: Any) -> None:
    """One wish of the leader is confirmed, the leader's employer becomes the department of the cast, and is told."""
    department = next(grant.unit_id for grant in actor_for(Account.objects.get(username="department")).grants)
    member = Member.objects.get(person_id=account.person_id)
    Member.objects.filter(pk=member.pk).update(employer=department, employer_name="")
    done = (
        Wish.objects.filter(member=member, matter__state="served", person_has_phone=False)
        .order_by("pk")
        .first()
    )
    assert done is not None
    secretary = actor_for(Account.objects.get(username="secretary"))
    services_wishes.answer_for(actor=secretary, wish_id=done.pk, done=True, asked_how="visit", words="好了")
    services_members.agree_to_feedback(actor=actor_for(account), member_id=member.pk, agrees=True)
    tell_employers(actor=platform, member_ids=[member.pk], year=clock.today().year)


def samples() -> dict[str, dict[str, Any]]:
    """What addresses of the vanguard name, by their beginnings."""
    callup, shift = Callup.objects.get(), Session.objects.filter(kind="vanguard").order_by("pk").first()
    own = Wish.objects.filter(matter__source="phone").order_by("pk").first()
    board = Wish.objects.filter(matter__state="published").order_by("pk").first()
    post, asked = Post.objects.get(), Called.objects.get(answer="")
    assert shift is not None and own is not None and board is not None
    return {
        "member/wishes/": {"pk": board.pk}, "member/shifts/": {"pk": shift.pk}, "wishes/": {"pk": own.pk},
        "calls/": {"pk": asked.pk}, "^desk/vanguard/areas/": {"code": COMMUNITY},
        "desk/vanguard/new/": {"what": "post"}, "desk/vanguard/give/": {"what": "post", "pk": post.pk},
        "desk/vanguard/end/": {"what": "post", "pk": post.pk}, "desk/vanguard/holdings/": {"pk": Holding.objects.get().pk},
        "desk/vanguard/projects/": {"pk": Project.objects.get().pk},
        "desk/vanguard/members/": {"pk": Member.objects.filter(received_at=None).get().pk},
        "desk/vanguard/callups/shifts/": {"pk": shift.pk}, "desk/vanguard/callups/": {"pk": callup.pk},
        "desk/vanguard/wishes/": {"pk": own.pk}, "desk/vanguard/feedback/": {"pk": Feedback.objects.get().pk},
    }  # fmt: skip
