"""What can be done to a matter beside its steps: each with its form, whom it is offered to, and the service that does it.

A page offers what the service would not refuse for the actor's post; the service asks again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.laws import Text, Transition
from doorstep.kernel.matters.models import ExtensionRequest, Link, Matter, Participation, SupervisionOrder
from doorstep.kernel.matters.policies import HANDLE, SUPERVISE
from doorstep.kernel.matters.selectors_offices import units_to_ask
from doorstep.kernel.matters.services import next_steps
from doorstep.kernel.matters.services_attachments import attach
from doorstep.kernel.matters.services_deadlines import (
    ask_extension,
    decline_extension,
    grant_extension,
    may_ask_extension,
    may_extend,
    open_request,
)
from doorstep.kernel.matters.services_links import merge_into, relate, unmerge, unrelate
from doorstep.kernel.matters.services_remarks import (
    close_supervision,
    follow,
    remark,
    reply_to_supervision,
    supervise,
    unfollow,
)
from doorstep.kernel.matters.standing import is_insider, is_reporter
from doorstep.modules.requests.selectors import (
    Renamed,
    items_at,
    likely_duplicates,
    places_to_move_to,
    renamed,
    request_of,
)
from doorstep.modules.requests.services_items import change_item
from doorstep.modules.requests.services_steps import move_place, split_request
from doorstep.modules.requests.states import DISPATCH
from doorstep.surfaces.desk import forms_acts as forms


class Setting:
    """A matter before one actor, with what the acts ask about it; each asked of the database once, when needed."""

    def __init__(self, actor: Actor, matter: Matter) -> None:
        self.actor, self.matter = actor, matter

    @cached_property
    def insider(self) -> bool:
        return is_insider(self.actor, self.matter)

    @property
    def reporter(self) -> bool:
        return is_reporter(self.actor, self.matter)

    @cached_property
    def steps(self) -> list[Transition]:
        return next_steps(self.actor, self.matter)

    def offers(self, step: str) -> bool:
        return any(row.name == step for row in self.steps)

    @property
    def dispatches(self) -> bool:
        is_request = self.matter.kind == "request" and self.matter.is_open
        return is_request and self.actor.holds(DISPATCH, self.matter.place_code)

    @cached_property
    def request(self) -> Any:
        return request_of(self.matter) if self.matter.kind == "request" else None

    @cached_property
    def renamed(self) -> Renamed | None:
        """What the request is now, where its item was named anew, for those in office in the matter."""
        request = self.request
        if request is None or request.item is None or not request.is_renamed or not self.insider:
            return None
        return renamed(self.matter, request.item)

    @cached_property
    def orders(self) -> list[SupervisionOrder]:
        """Open supervision orders, for those in office in the matter."""
        if not self.insider:
            return []
        return list(
            SupervisionOrder.objects.filter(matter=self.matter, closed_at__isnull=True).order_by("pk")
        )

    @property
    def to_answer(self) -> list[SupervisionOrder]:
        holds = any(
            HANDLE in grant.capabilities and grant.unit_id == self.matter.holder_id
            and grant.covers(self.matter.place_code)
            for grant in self.actor.grants
        )  # fmt: skip
        handles = self.actor.person_id is not None and self.actor.person_id == self.matter.handler_id
        return [order for order in self.orders if order.replied_at is None] if holds or handles else []

    @property
    def to_end(self) -> list[SupervisionOrder]:
        units = self._supervising
        own = self.actor.person_id
        return [order for order in self.orders if order.unit_id in units or own == order.ordered_by_id]

    @property
    def _supervising(self) -> set[int]:
        place = self.matter.place_code
        return {
            grant.unit_id
            for grant in self.actor.grants
            if SUPERVISE in grant.capabilities and grant.covers(place)
        }

    @property
    def may_supervise(self) -> bool:
        running = {order.unit_id for order in self.orders}
        held = self.matter.is_open and self.matter.holder_id is not None
        return held and bool(self._supervising - running)

    @cached_property
    def extension(self) -> ExtensionRequest | None:
        """The request for more time that waits, for those in office in the matter."""
        return open_request(self.matter) if self.insider and self.matter.is_open else None

    @property
    def may_answer_extension(self) -> bool:
        asked = self.extension
        return (
            asked is not None
            and may_extend(self.actor, self.matter)
            and asked.asked_by_id != self.actor.person_id
        )

    @cached_property
    def follows(self) -> bool:
        rows = Participation.objects.filter(matter=self.matter, person_id=self.actor.person_id or 0)
        return rows.filter(part=Participation.FOLLOWS).exists()

    @cached_property
    def related(self) -> list[tuple[int, str]]:
        rows = Link.objects.filter(kind=Link.RELATED, ended_at__isnull=True).select_related("matter", "other")
        ours = [*rows.filter(matter=self.matter), *rows.filter(other=self.matter)] if self.insider else []
        others = [row.other if row.matter_id == self.matter.pk else row.matter for row in ours]
        return [(other.pk, str(other)) for other in others]


@dataclass(frozen=True)
class Act:
    """`form` None: a button that asks nothing."""

    key: str
    words: Text
    about: Text
    done: Text
    offered: Callable[[Setting], bool]
    do: Callable[[Setting, Any], Any]
    form: Callable[..., forms.ActForm] | None = None
    danger: bool = False

    def form_for(self, setting: Setting, data: Any = None, files: Any = None) -> forms.ActForm:
        make = self.form or _nothing
        return make(setting, data, files, initial={"version": setting.matter.version})


def _nothing(setting: Setting, *args: Any, **kwargs: Any) -> forms.ActForm:
    return forms.ActForm(*args, **kwargs)


def _remark_form(setting: Setting, *args: Any, **kwargs: Any) -> forms.ActForm:
    return forms.RemarkForm(*args, for_staff=setting.insider, **kwargs)


def _file_form(setting: Setting, *args: Any, **kwargs: Any) -> forms.ActForm:
    return forms.FileForm(*args, for_staff=setting.insider, **kwargs)


def _supervise_form(setting: Setting, *args: Any, **kwargs: Any) -> forms.ActForm:
    return forms.SuperviseForm(*args, **kwargs)


def _answer_form(setting: Setting, *args: Any, **kwargs: Any) -> forms.ActForm:
    choices = [(order.pk, order.reason) for order in setting.to_answer]
    return forms.OrderForm(*args, orders=choices, field="reply", label=_("回复"), longest=2000, **kwargs)


def _ending_form(setting: Setting, *args: Any, **kwargs: Any) -> forms.ActForm:
    choices = [(order.pk, order.reason) for order in setting.to_end]
    return forms.OrderForm(*args, orders=choices, field="closing", label=_("结束说明"), longest=500, **kwargs)


def _ask_form(setting: Setting, *args: Any, **kwargs: Any) -> forms.ActForm:
    return forms.AskExtensionForm(*args, **kwargs)


def _grant_form(setting: Setting, *args: Any, **kwargs: Any) -> forms.ActForm:
    return forms.AnswerForm(
        *args, field="note", label=_("给报告人的说明"), help_text=_asked(setting), **kwargs
    )


def _decline_form(setting: Setting, *args: Any, **kwargs: Any) -> forms.ActForm:
    return forms.AnswerForm(
        *args, field="internal", label=_("不批准的理由"), help_text=_asked(setting), **kwargs
    )


def _asked(setting: Setting) -> str:
    asked = setting.extension
    return (
        _t("申请延到 %(day)s：%(reason)s") % {"day": asked.due_day.isoformat(), "reason": asked.reason}
        if asked
        else ""
    )


def _merge_form(setting: Setting, *args: Any, **kwargs: Any) -> forms.ActForm:
    matter = setting.matter
    found = likely_duplicates(
        setting.actor, place_code=matter.place_code, text=f"{matter.title} {matter.text}", item_code=matter.item,
        longitude=matter.longitude, latitude=matter.latitude,
    )  # fmt: skip
    nearby = [
        (each.matter_id, f"{each.number} {each.title or each.item_name} · {each.state_name}")
        for each in found
        if each.matter_id != matter.pk
    ]
    return forms.MergeForm(*args, nearby=nearby, **kwargs)


def _reason_form(setting: Setting, *args: Any, **kwargs: Any) -> forms.ActForm:
    return forms.ReasonForm(*args, **kwargs)


def _relate_form(setting: Setting, *args: Any, **kwargs: Any) -> forms.ActForm:
    return forms.RelateForm(*args, **kwargs)


def _unrelate_form(setting: Setting, *args: Any, **kwargs: Any) -> forms.ActForm:
    return forms.UnrelateForm(*args, related=setting.related, **kwargs)


def _item_form(setting: Setting, *args: Any, **kwargs: Any) -> forms.ActForm:
    rows = items_at(setting.matter.place_code).order_by("event_class", "code")
    kwargs["initial"]["item"] = setting.matter.item
    return forms.ItemForm(*args, items=list(rows.values_list("code", "name")), **kwargs)


def _split_form(setting: Setting, *args: Any, **kwargs: Any) -> forms.ActForm:
    units = [(unit.unit_id, unit.name) for unit in units_to_ask(setting.matter)]
    return forms.SplitForm(*args, units=units, **kwargs)


def _place_form(setting: Setting, *args: Any, **kwargs: Any) -> forms.ActForm:
    places = places_to_move_to(setting.actor, setting.matter.place_code)
    return forms.PlaceForm(*args, places=places, **kwargs)


def _where(setting: Setting) -> dict[str, Any]:
    return {"actor": setting.actor, "matter_id": setting.matter.pk}


def _remark(setting: Setting, form: Any) -> None:
    data = form.cleaned_data
    remark(**_where(setting), text=data["remark"], internal=data.get("readers") == forms.STAFF)


def _attach(setting: Setting, form: Any) -> None:
    data = form.cleaned_data
    attach(**_where(setting), upload=data["file"], internal=data.get("internal", False))


def _supervise(setting: Setting, form: Any) -> None:
    data = form.cleaned_data
    supervise(**_where(setting), reason=data["reason"], reply_due=data["reply_due"])


def _answer(setting: Setting, form: Any) -> None:
    data = form.cleaned_data
    reply_to_supervision(actor=setting.actor, order_id=data["order"], reply=data["reply"])


def _end(setting: Setting, form: Any) -> None:
    data = form.cleaned_data
    close_supervision(actor=setting.actor, order_id=data["order"], closing=data["closing"])


def _merge(setting: Setting, form: Any) -> None:
    data = form.cleaned_data
    main = data.get("near") or data["main_id"]
    merge_into(**_where(setting), main_id=main, reason=data["reason"], expected_version=data["version"])


def _split(setting: Setting, form: Any) -> None:
    split_request(**_where(setting), pieces=form.pieces(), expected_version=form.cleaned_data["version"])


def _move(setting: Setting, form: Any) -> None:
    data = form.cleaned_data
    move_place(
        **_where(setting), place_code=data["place_code"], internal=data["internal"], note=data["note"],
        expected_version=data["version"],
    )  # fmt: skip


def _is_known(setting: Setting) -> bool:
    return (setting.insider or setting.reporter) and setting.matter.erased_at is None


ACTS = (
    Act("remark", _("留言"), _("记一句话，不改变办理状态。"), _("留言已记下。"), _is_known, _remark, _remark_form),
    Act("attach", _("添加附件"), _("照片、文件，随时可以加，从不要求。"), _("附件已添加。"), _is_known, _attach, _file_form),
    Act(
        "answer", _("回复督办"), _("由承办单位回复，一次为准。"), _("督办已回复。"), lambda at: bool(at.to_answer), _answer,
        _answer_form,
    ),
    Act(
        "supervise", _("督办"), _("要求承办单位在一个时间前回复。承办单位会收到通知，报告人看不到。"), _("督办已发出。"),
        lambda at: at.may_supervise, _supervise, _supervise_form,
    ),
    Act(
        "end-supervision", _("结束督办"), _("由发出的单位结束。"), _("督办已结束。"), lambda at: bool(at.to_end), _end,
        _ending_form,
    ),
    Act(
        "grant-extension", _("批准延期"), _("批准后期限延到申请的那一天，说明告知报告人。"), _("已批准延期，说明已告知报告人。"),
        lambda at: at.may_answer_extension,
        lambda at, form: grant_extension(
            **_where(at), explanation=form.cleaned_data["note"], expected_version=form.cleaned_data["version"]
        ),
        _grant_form,
    ),
    Act(
        "decline-extension", _("不批准延期"), _("理由告知申请人，期限不变；报告人看不到。"), _("已答复申请人，期限不变。"),
        lambda at: at.may_answer_extension,
        lambda at, form: decline_extension(
            **_where(at), reason=form.cleaned_data["internal"], expected_version=form.cleaned_data["version"]
        ),
        _decline_form,
    ),
    Act(
        "ask-extension", _("申请延期"), _("由办理人以外的人批准；批准以前期限不变。"), _("延期申请已提出，等待答复。"),
        lambda at: may_ask_extension(at.actor, at.matter),
        lambda at, form: ask_extension(
            **_where(at), due_day=form.cleaned_data["due_day"], reason=form.cleaned_data["internal"],
            expected_version=form.cleaned_data["version"],
        ),
        _ask_form,
    ),
    Act(
        "item", _("改定事项"), _("换成事项目录里的另一项：公开范围只紧不松，紧急程度只升不降；派给谁不变，另行派办。"),
        _("事项已改定。期限照原来的承诺；归别的单位办的，请再派办。"), lambda at: at.dispatches,
        lambda at, form: change_item(
            **_where(at), item_code=form.cleaned_data["item"], expected_version=form.cleaned_data["version"]
        ),
        _item_form,
    ),
    Act(
        "place", _("更正地点"), _("报错了地方的，改到实际的地方；归别的单位管的，由那里的单位接办，期限不变。"), _("地点已更正。"),
        lambda at: at.offers("correct_place"), _move, _place_form,
    ),
    Act(
        "split", _("拆分"), _("一件事涉及几个单位的，分别派办；全部办结后，这一件才能办结。"), _("已拆分派办。"),
        lambda at: at.dispatches, _split, _split_form,
    ),
    Act(
        "merge", _("并案"), _("并入另一件后，这一件跟着那一件走；报告人会收到通知，原件保留。"), _("已并案。"),
        lambda at: at.offers("merge"), _merge, _merge_form,
    ),
    Act(
        "unmerge", _("取消并案"), _("恢复成单独的一件，重新开始计时；报告人会收到通知。"), _("已取消并案。"),
        lambda at: at.offers("unmerge"), lambda at, form: unmerge(**_where(at), reason=form.cleaned_data["reason"]),
        _reason_form,
    ),
    Act(
        "relate", _("关联另一件"), _("记下两件事有关，办理互不影响。"), _("已关联。"), lambda at: at.insider,
        lambda at, form: relate(
            **_where(at), other_id=form.cleaned_data["other_id"], reason=form.cleaned_data["reason"]
        ),
        _relate_form,
    ),
    Act(
        "unrelate", _("取消关联"), _("两件事不再互相显示。"), _("已取消关联。"), lambda at: bool(at.related),
        lambda at, form: unrelate(**_where(at), other_id=form.cleaned_data["other_id"]), _unrelate_form,
    ),
    Act(
        "follow", _("关注"), _("有进展时通知您。"), _("已关注，有进展会通知您。"),
        lambda at: at.actor.person_id is not None and not at.reporter and not at.follows,
        lambda at, form: follow(**_where(at)),
    ),
    Act(
        "unfollow", _("取消关注"), _("不再通知您。"), _("已取消关注。"), lambda at: at.follows,
        lambda at, form: unfollow(**_where(at)),
    ),
)  # fmt: skip
BY_KEY = {act.key: act for act in ACTS}


def offered(setting: Setting) -> list[Act]:
    """What the page offers here, in the order of the table."""
    return [act for act in ACTS if act.offered(setting)]
