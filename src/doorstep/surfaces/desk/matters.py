"""One matter as the desk shows it: what it is about, where, how it stands, what may be done to it, and what changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters import selectors
from doorstep.kernel.matters.forms import StepForm
from doorstep.kernel.matters.laws import Transition, note_names, step_words
from doorstep.kernel.matters.models import (
    Attachment,
    Deadline,
    ExtensionRequest,
    History,
    Matter,
    SupervisionOrder,
)
from doorstep.kernel.matters.notices import when_of
from doorstep.kernel.matters.selectors_timeline import Timeline, timeline_of
from doorstep.kernel.matters.services_deadlines import is_extendable, may_extend
from doorstep.kernel.matters.wording import clock_words
from doorstep.kernel.people.selectors import persons_for
from doorstep.kernel.shared.place_codes import LENGTHS
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.modules.requests.models import Request, SpotCheck, Whistle
from doorstep.modules.requests.selectors import desk_above
from doorstep.surfaces.desk import acts
from doorstep.surfaces.desk.forms_whistles import form_for

# Inputs the page asks for, and those the service of a whistle gives. A step that needs more has a page of its own.
_ASKED = {"note", "internal", "unit_id", "person_id", "until", "ground", "rated"}
PROGRESS_LINES = 5  # of a matter copied as text


@dataclass(frozen=True)
class Block:
    """A step as the page offers it."""

    name: str
    words: str
    clause: str
    form: StepForm
    danger: bool
    about: str = ""


@dataclass(frozen=True)
class Fact:
    name: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class MatterPage:
    """`outlines_under`: the place whose parts the small map shows; "" where there is none."""

    matter: Matter
    where: str
    clock: str
    clock_words: str
    timeline: Timeline
    facts: tuple[Fact, ...]
    terms: tuple[Fact, ...]
    files: tuple[Attachment, ...]
    orders: tuple[SupervisionOrder, ...]
    blocks: tuple[Block, ...]
    remark: acts.forms.ActForm | None
    further: tuple[acts.Act, ...]
    buttons: tuple[acts.Act, ...]
    may_answer: bool = False
    may_extend: bool = False
    extension: ExtensionRequest | None = None
    may_answer_extension: bool = False
    outlines_under: str = ""


@dataclass
class Tried:
    """A step or act that was refused: its form as it was typed, and what changed since the page was made."""

    name: str
    form: Any
    message: str = ""
    changes: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """What was typed, for a step that is not offered any more."""
        typed = (
            value for name, value in self.form.data.items() if name.endswith(("-note", "-internal")) and value
        )
        return next((str(text) for text in typed), "")


def matter_page(actor: Actor, number: str, tried: Tried | None = None) -> MatterPage:
    """One matter whole. Raises NotVisible where it does not exist for the actor."""
    matter = selectors.visible_matter(actor, number)
    setting = acts.Setting(actor, matter)
    kind, words = clock_words(matter)
    deadlines = list(matter.deadlines.select_related("limit").order_by("clock", "round"))
    files = Attachment.objects.filter(matter=matter, removed_at__isnull=True).order_by("pk")
    offered = acts.offered(setting)
    remark = next((act.form_for(setting) for act in offered if act.key == "remark"), None)
    if remark is not None and tried is not None:
        remark.initial["remark"] = tried.words
    return MatterPage(
        matter=matter,
        where=full_names_of({matter.place_code}).get(matter.place_code, ""),
        clock=kind,
        clock_words=words,
        timeline=timeline_of(actor, matter),
        facts=tuple(_facts(setting)),
        terms=tuple(_term(row) for row in deadlines) if setting.insider else (),
        files=tuple(files if setting.insider else files.filter(internal=False)),
        orders=tuple(setting.orders),
        blocks=tuple(_blocks(setting, tried)),
        remark=remark,
        further=tuple(act for act in offered if act.form is not None and act.key != "remark"),
        buttons=tuple(act for act in offered if act.form is None),
        may_answer=bool(setting.to_answer),
        extension=setting.extension,
        may_answer_extension=setting.may_answer_extension,
        may_extend=may_extend(actor, matter) and any(is_extendable(row) for row in deadlines),
        outlines_under=matter.place_code[: LENGTHS["community"]],
    )


def _facts(setting: acts.Setting) -> Iterable[Fact]:
    matter, request = setting.matter, setting.request
    if request is not None and request.item is not None:
        yield Fact(_("事项"), f"{request.item.name}（{request.item.get_event_class_display()}）")
    opened = localtime(matter.opened_at).strftime("%Y-%m-%d %H:%M")
    yield Fact(_("来源"), f"{matter.get_source_display()} · {opened}")
    yield Fact(_("公开范围"), str(matter.get_confidentiality_display()))
    if request is None or not setting.insider:
        return
    if request.hotline_number:
        yield Fact(_("热线工单号"), request.hotline_number)
    why = [request.routing, setting.renamed.words if setting.renamed else ""]
    if any(why):
        yield Fact(_("为什么派到这里"), _("；").join(filter(None, why)))
    yield _reporter(setting, request)
    look = SpotCheck.objects.filter(request=request).first() if request.on_the_spot else None
    if look is not None:
        found = _("属实") if look.valid else f"{look.get_invalid_reason_display()}：{look.words}"
        yield Fact(_("抽查"), f"{localtime(look.at).strftime('%Y-%m-%d')} {found}")
    seen = policy_for(Whistle).visible_to(setting.actor).filter(request_id=matter.pk)
    for whistle in seen.select_related("matter").order_by("pk"):
        words = f"{whistle.matter.number} · {whistle.matter.state_name}"
        yield Fact(_("吹哨"), words, reverse("desk:matter", args=[whistle.matter.number]))


def _reporter(setting: acts.Setting, request: Request) -> Fact:
    """Who reported, never by name: whoever has a reason looks at the record, which notes it."""
    matter, name = setting.matter, _("报告人")
    person_id = matter.teller_id or matter.reporter_id
    if request.for_whom:
        return Fact(name, _("代 %(name)s 上报") % {"name": request.for_whom})
    if person_id is None:
        return Fact(name, _("匿名") if request.anonymous else _("没有留下"))
    if persons_for(setting.actor).filter(pk=person_id, erased_at__isnull=True).exists():
        return Fact(name, _("联系报告人"), reverse("person", args=[person_id]))
    return Fact(name, _("有登记，不在您的范围内"))


def _term(row: Deadline) -> Fact:
    rule = _("%(amount)d %(measure)s（%(clause)s）") % {
        "amount": row.amount, "measure": row.get_measure_display(), "clause": row.limit.clause,
    }  # fmt: skip
    return Fact(row.promise, rule)


def _blocks(setting: acts.Setting, tried: Tried | None) -> Iterable[Block]:
    rows = [row for row in setting.steps if is_asked_here(row)]
    for row in sorted(rows, key=lambda row: (row.danger, not row.target)):  # what moves it on stands first
        form = tried.form if tried is not None and tried.name == row.name else step_form(setting.matter, row)
        if row.name == "dispatch" and setting.renamed is not None:
            form.initial.setdefault("unit_id", setting.renamed.unit_id)
        about = _about(setting.matter, row)
        yield Block(row.name, str(row.words), str(row.clause), form, row.danger, about)


def is_asked_here(row: Transition) -> bool:
    return not row.links and set(row.requires) <= _ASKED


def step_form(matter: Matter, row: Transition, data: Any = None) -> StepForm:
    """A step's form as the desk asks it: the rules know who is above; a person is given a matter in a unit that has it."""
    form = form_for(matter, row, data)
    if row.name == "raise":
        del form.fields["unit_id"]
    if row.asks:
        form.fields.pop("person_id", None)
    return form


def _about(matter: Matter, row: Transition) -> str:
    if row.name != "raise" or matter.holder_id is None:
        return ""
    above = desk_above(matter.holder_id, matter.place_code)
    return (
        _("报给：%(unit)s") % {"unit": above.name} if above else _("上面没有可以上报的单位，请由派办人安排。")
    )


def changes_since(matter: Matter, version: int) -> list[str]:
    """What was done since a page was made, oldest first, in words."""
    rows = History.objects.filter(matter=matter, number__gt=version).exclude(name__in=note_names())
    return [
        _("%(when)s %(who)s：%(step)s") % {
            "when": localtime(row.at).strftime("%H:%M"), "who": row.person.name if row.person else _("平台"),
            "step": step_words(matter.kind, row.name),
        }
        for row in rows.select_related("person").order_by("number")
    ]  # fmt: skip


def text_of(page: MatterPage) -> str:
    """A matter for a chat group: what a reporter may read, and nobody's name. Of a sealed one only that it is there,
    how it stands and by when: what it is about, where and what was said stay on the page."""
    matter, timeline = page.matter, page.timeline
    state = _("现在：%(state)s，%(clock)s") % {"state": timeline.state, "clock": page.clock_words}
    until = matter.due_at if matter.is_open else None
    term = [_("期限：%(when)s") % {"when": when_of(until)}] if until is not None else []
    if matter.confidentiality == Matter.SEALED:
        return "\n".join([f"【{matter.number}】", state, *term, _("内容已密封，请登录平台查看。")]) + "\n"
    where = " · ".join(part for part in (page.where, matter.address) if part)
    lines = [f"【{matter.number}】{matter.title}", _("地方：%(where)s") % {"where": where}, state]
    if timeline.holder:
        lines.append(_("负责单位：%(unit)s") % {"unit": timeline.holder})
    if timeline.asked:
        lines.append(_("等待接办：%(unit)s") % {"unit": timeline.asked})
    lines += term
    if timeline.next_step:
        lines.append(_("下一步：%(step)s") % {"step": timeline.next_step})
    if matter.text and matter.text != matter.title:
        lines += ["", matter.text]
    told = [entry for entry in timeline.entries if not entry.for_staff][:PROGRESS_LINES]
    lines += ["", _("最近进展：")]
    lines += [
        f"{localtime(entry.at):%m-%d %H:%M} {entry.words} {entry.unit}".rstrip()
        + (f"：{entry.note}" if entry.note else "")
        for entry in told
    ]
    return "\n".join(lines) + "\n"
