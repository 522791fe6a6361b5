"""Wishes and difficulties: said on the phone or taken down by the community, claimed by a member who reported in, done, and
confirmed by the person helped. Each step is one of the law's; here is what it asks besides the table.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.activities.checks import check_place, check_text
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.matters.services import NewMatter, apply_transition, open_matter
from doorstep.kernel.matters.services_offered import take_offered
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.people.masking import mask_numbers
from doorstep.kernel.people.selectors import persons_for
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.vanguard.models import Member, Wish
from doorstep.modules.vanguard.numbers import most_claims
from doorstep.modules.vanguard.selectors import NOT_LEFT, office_at
from doorstep.modules.vanguard.selectors_wishes import said_by
from doorstep.modules.vanguard.states import CATEGORIES, COLLECT, KIND, PUBLISH

BY_VISIT, BY_CALL = "visit", "call"
ASKED = [(BY_VISIT, gettext_lazy("当面问的")), (BY_CALL, gettext_lazy("打电话问的"))]


@dataclass(frozen=True, kw_only=True)
class NewWish:
    """What somebody would like done. `title`: as members read it on the board; `text` and `address`: for who takes it on.

    helped_id: a registered person with a phone of their own, whom the community takes it down for; `helped`: in words, whom it
    is for, where that person has no phone. `for_other`: a resident says it for a neighbour without a phone.
    """

    place_code: str
    category: str
    title: str
    text: str = ""
    address: str = ""
    helped_id: int | None = None
    helped: str = ""
    for_other: bool = False
    key: uuid.UUID = field(default_factory=uuid.uuid4)


@transaction.atomic
def make_wish(*, actor: Actor, new: NewWish) -> Wish:
    """A resident says a wish on the phone, for themselves or a neighbour; the community looks at it before it is shown.
    Sent twice it is one. Raises Refused naming the field."""
    if actor.person_id is None:
        raise NotVisible(_("请先登录。"))
    helped = (
        check_text(new.helped, "helped", 40, _("请写明帮谁，如“三号楼独居老人”。")) if new.for_other else ""
    )
    return _opened(
        actor, new, helped, source="phone", reporter_id=None if new.for_other else actor.person_id,
        teller_id=actor.person_id if new.for_other else None,
    )  # fmt: skip


@transaction.atomic
def collect_wish(*, actor: Actor, new: NewWish) -> Wish:
    """The community takes a wish down; who may make it known does so with it. Sent twice it is one. Raises Refused."""
    require_place(actor, COLLECT, new.place_code)
    if new.helped_id is not None and not persons_for(actor).filter(pk=new.helped_id, erased_at=None).exists():
        raise NotVisible(_("没有找到这个人。"), field="helped_person")
    helped = check_text(new.helped, "helped", 40)
    if new.helped_id is None and not helped:
        raise RuleViolation(_("请选帮谁，或者写明是谁，如“三号楼独居老人”。"), field="helped")
    row = _opened(actor, new, helped, source="counter", reporter_id=new.helped_id, teller_id=None)
    if row.matter.state == "collected" and actor.holds(PUBLISH, row.matter.place_code):
        row.matter = apply_transition(actor=actor, matter_id=row.pk, name="publish")
    return row


def _opened(
    actor: Actor, new: NewWish, helped: str, *, source: str, reporter_id: int | None, teller_id: int | None
) -> Wish:
    check_place(new.place_code)
    if len(new.place_code) < 12:
        raise RuleViolation(_("请选所在的社区。"), field="place_code")
    if new.category not in dict(CATEGORIES):
        raise RuleViolation(_("请选是微心愿还是实际困难。"), field="category")
    if mask_numbers(new.title) != new.title:
        raise RuleViolation(
            _("看板上的人都能看到这句话，请不要写电话、身份证号等号码；联系方式可以写在具体情况里。"),
            field="title",
        )
    office = office_at(new.place_code)
    if office is None:
        raise RuleViolation(_("这个社区还没有登记办公的单位，暂时不能收。"), field="place_code")
    opened = open_matter(
        actor=actor,
        new=NewMatter(
            kind=KIND, place_code=new.place_code, title=new.title, text=new.text, address=new.address, category=new.category,
            source=source, reporter_id=reporter_id, teller_id=teller_id, holder_id=office.unit_id, key=new.key,
        ),
    )  # fmt: skip
    if not opened.is_new:
        return Wish.objects.select_related("matter").get(matter=opened.matter)
    return Wish.objects.create(matter=opened.matter, person_has_phone=reporter_id is not None, helped=helped)


@transaction.atomic
def claim(*, actor: Actor, wish_id: int, expected_version: int | None = None) -> Wish:
    """Take a wish on, as a member whom the community has seen. Of two at once one has it, the other is told.

    Raises NotVisible for one that is not on the board of the member's district, NotAllowed for who has not reported in
    and for who said it, for themselves or a neighbour, RuleViolation with too many in hand.
    """
    rows = Member.objects.select_for_update().filter(in_force(), NOT_LEFT)
    member = rows.filter(person_id=actor.person_id or 0).first()
    if member is None:
        raise NotAllowed(_("报到以后才能认领。"))
    if member.received_at is None:
        raise NotAllowed(_("社区收到您的报到后就可以认领，一般一个工作日以内。"))
    row = Wish.objects.select_related("matter").filter(pk=wish_id).first()
    if row is None or row.matter.place_code[:6] != member.place_code[:6]:
        raise NotVisible(_("没有找到这个心愿。"))
    if row.matter.state in ("collected", "declined", "withdrawn"):
        raise NotVisible(_("没有找到这个心愿。"))
    if row.member_id == member.pk and row.matter.state == "claimed":
        return row
    if said_by(row.matter, actor.person_id):
        raise NotAllowed(_("您是报告人，请让别人来认领。"))
    in_hand = Wish.objects.filter(member=member, matter__state="claimed").count()
    if in_hand >= most_claims():
        raise RuleViolation(_("手上已有 %d 件没有办完，先办一件再认领。") % in_hand)
    row.matter = take_offered(actor=actor, matter_id=wish_id, name="claim", expected_version=expected_version)
    Wish.objects.filter(pk=wish_id).update(member=member)
    row.member = member
    return row


@transaction.atomic
def give_back(*, actor: Actor, wish_id: int, note: str = "") -> Wish:
    """Who claimed it gives it back to the board, without a reason."""
    return _step(actor, wish_id, "give_back", Inputs(note=note), frees=True)


@transaction.atomic
def release(*, actor: Actor, wish_id: int, reason: str) -> Wish:
    """The community puts a claimed wish back on the board; who had claimed it is told."""
    return _step(actor, wish_id, "release", Inputs(internal=reason), frees=True)


@transaction.atomic
def serve(*, actor: Actor, wish_id: int, note: str) -> Wish:
    """Who claimed it says what was done. It counts once the person helped has said so too."""
    return _step(actor, wish_id, "serve", Inputs(note=note))


@transaction.atomic
def answer(*, actor: Actor, wish_id: int, done: bool, note: str = "") -> Wish:
    """The person helped says whether it is done."""
    return _step(actor, wish_id, "confirm" if done else "not_yet", Inputs(note=note))


@transaction.atomic
def answer_for(*, actor: Actor, wish_id: int, done: bool, asked_how: str, words: str) -> Wish:
    """Somebody of the community has asked a person without a phone, and says what they said: never who did the work.

    Raises RuleViolation where the person helped can say so themselves, or how they were asked is not said.
    """
    row = seen_wish(actor, wish_id)
    if row.person_has_phone:
        raise RuleViolation(_("受助人自己能在手机上确认，请等本人的话；也可以请他在“我的心愿”里点一下。"))
    if asked_how not in dict(ASKED):
        raise RuleViolation(_("请选怎么问的本人。"), field="asked_how")
    inputs = Inputs(internal=words, data={"asked_how": asked_how})
    return _step(actor, wish_id, "confirm_for" if done else "not_yet_for", inputs)


@transaction.atomic
def note_no_phone(*, actor: Actor, wish_id: int, helped: str) -> Wish:
    """The person helped no longer uses a phone: from now on the community asks them. By who may confirm there, never who did
    the work."""
    seen = seen_wish(actor, wish_id)
    policy_for(Wish).require(actor, "confirm", seen)
    row = Wish.objects.select_for_update().select_related("matter").get(pk=wish_id)
    if actor.person_id is not None and actor.person_id == row.matter.handler_id:
        raise NotAllowed(_("您是认领人，须由他人来办。"))
    if not row.person_has_phone:
        return row
    row.person_has_phone = False
    row.helped = check_text(helped, "helped", 40, _("请写明帮的是谁，如“三号楼独居老人”。"))
    row.save(update_fields=["person_has_phone", "helped"])
    record(actor, Act("vanguard.no_phone", row, row.matter.place_code, {"person_has_phone": [True, False]}))
    return row


def seen_wish(actor: Actor, wish_id: int) -> Wish:
    """Raises NotVisible where it does not exist for the actor."""
    rows = policy_for(Wish).visible_to(actor).select_related("matter")
    row: Wish | None = rows.filter(pk=wish_id).first()
    if row is None:
        raise NotVisible(_("没有找到这个心愿。"))
    return row


def _step(actor: Actor, wish_id: int, name: str, inputs: Inputs, *, frees: bool = False) -> Wish:
    row = seen_wish(actor, wish_id)
    row.matter = apply_transition(actor=actor, matter_id=wish_id, name=name, inputs=inputs)
    if frees:
        Wish.objects.filter(pk=wish_id).update(member=None)
        row.member = None
    return row


__all__ = [
    "ASKED", "NewWish", "answer", "answer_for", "claim", "collect_wish", "give_back", "make_wish", "note_no_phone",
    "release", "seen_wish", "serve",
]  # fmt: skip
