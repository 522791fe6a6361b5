"""Party organisations that cover: founded as units of the kernel and said to cover in one act; joined, left, ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.organisations.models import Unit, UnitVersion
from doorstep.kernel.organisations.services import found_unit
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.modules.coverage import rules
from doorstep.modules.coverage.keeping import begun, checked_text, end, locked_row
from doorstep.modules.coverage.models import Covering, HeadCount, Profile
from doorstep.modules.coverage.numbers import MEMBERS, UNITS, number_in_force
from doorstep.modules.coverage.policies import KEEP
from doorstep.modules.coverage.selectors import PARTY, named
from doorstep.modules.coverage.services_gaps import settle

CLAUSE = gettext_lazy("《中国共产党支部工作条例（试行）》")


@dataclass(frozen=True, kw_only=True)
class NewParty:
    """A party organisation to be founded, and which organisations it covers from its founding on."""

    name: str
    form: str
    organisation_ids: tuple[int, ...]
    founded_on: dt.date
    document: str
    approved_by: str = ""
    superior_id: int | None = None


@transaction.atomic
def establish(*, actor: Actor, new: NewParty) -> Unit:
    """Found a party organisation and let it cover: its own organisation, or two to five jointly. Their gaps are closed by it.

    Raises RuleViolation with its clause (too few members, too many units, covered already), NotVisible, NotAllowed.
    """
    rows = _locked(actor, new.organisation_ids)
    if new.founded_on > clock.today():
        raise RuleViolation(_("成立日期不能晚于今天。"), field="founded_on")
    full = _full([row.pk for row in rows], new.founded_on)
    if new.form == rules.OWN:
        if len(rows) != 1:
            raise RuleViolation(_("单独组建的党组织只覆盖一个组织。"), field="organisations")
        _check_own(full[rows[0].pk], new.founded_on)
    elif new.form == rules.JOINT:
        _check_joint([full[row.pk] for row in rows], new.founded_on)
    else:
        raise RuleViolation(_("请选单独组建还是联合组建。"), field="form")
    place = rules.place_of_several([row.place_code for row in rows])
    if not place:
        raise RuleViolation(_("联合组建的单位应在同一个街道。"), field="organisations")
    unit = found_unit(
        actor=actor, kind=PARTY, name=new.name, place_code=place, founded_on=new.founded_on, document=new.document,
        approved_by=new.approved_by, superior_id=new.superior_id or _usual_superior(place),
    )  # fmt: skip
    _cover(actor, unit, rows, new.form, new.founded_on, new.document)
    return unit


def _usual_superior(place: str) -> int | None:
    """The community's party organisation, or the street's working committee."""
    kind = "community_party_organisation" if len(place) == 12 else "street_working_committee"
    rows = UnitVersion.objects.in_force().filter(kind=kind, place_code=place)
    return rows.order_by("unit_id").values_list("unit_id", flat=True).first()


@transaction.atomic
def join(
    *, actor: Actor, party_id: int, organisation_id: int, valid_from: dt.date, document: str
) -> Covering:
    """Let one more organisation join a joint branch of its street that covers some that day: on no day from then on may it have more
    than the number says. Raises as `establish`."""
    rows = _locked(actor, [organisation_id])
    party = Unit.objects.select_for_update(no_key=True).filter(pk=party_id, kind=PARTY).first()
    version = UnitVersion.objects.in_force(valid_from).filter(unit_id=party_id).first()
    if party is None or version is None or not policy_for(Unit).can(actor, "view", party):
        raise NotVisible(_("没有找到这个党组织，或者它那天不在册。"), field="party")
    others = list(Covering.objects.filter(Q(valid_to=None) | Q(valid_to__gt=valid_from), party=party))
    if any(row.form == rules.OWN for row in others):
        raise RuleViolation(_("这是单独组建的党组织，不能再覆盖别的组织。"), field="party")
    if not any(row.holds_on(valid_from) for row in others):
        raise RuleViolation(_("这个党组织那天没有覆盖任何组织，不能加入。请新建联合党支部。"), field="party")
    if not rules.place_of_several([version.place_code, rows[0].place_code]):
        raise RuleViolation(_("联合组建的单位应在同一个街道。"), field="party")
    full = _full([organisation_id], valid_from)[organisation_id]
    most = rules.most_at_once([(row.valid_from, row.valid_to) for row in others], valid_from)
    _check_joint([full] + [1] * most, valid_from, enough=False)
    return _cover(actor, party, rows, rules.JOINT, valid_from, document)[0]


@transaction.atomic
def uncover(*, actor: Actor, covering_id: int, ended_on: dt.date, document: str) -> Covering:
    """End a covering: from `ended_on` on the organisation is covered no more, and a gap again where nothing else covers it."""
    row: Covering = locked_row(actor, Covering, covering_id, "keep")
    words = checked_text(document, "document", _("文号"), 80)
    if ended_on > clock.today():
        raise RuleViolation(_("终止日期不能晚于今天。"), field="ended_on")
    end(row, ended_on)
    act = Act(
        "coverage.uncovered",
        row,
        row.place_code,
        {"valid_to": [None, ended_on.isoformat()], "document": words},
    )
    record_many(actor, [act])
    settle([row.organisation_id])
    return row


def _locked(actor: Actor, ids: Sequence[int]) -> list[Profile]:
    """The organisations, locked in the order of their numbers, after the gate."""
    wanted = sorted(set(ids))
    seen = policy_for(Profile).visible_to(actor).filter(pk__in=wanted).values("pk")
    rows = list(
        Profile.objects.select_for_update(of=("self",))
        .filter(pk__in=seen)
        .select_related("unit")
        .order_by("pk")
    )
    if len(rows) != len(wanted) or not rows:
        raise NotVisible(_("没有找到这个组织。"), field="organisations" if len(wanted) > 1 else "")
    for row in rows:
        require_place(actor, KEEP, row.place_code)
    return rows


def _full(ids: Sequence[int], on: dt.date) -> dict[int, int]:
    """Full members of each on the day; where none were counted by then, as first counted."""
    found = dict.fromkeys(ids, 0)
    rows = HeadCount.objects.filter(organisation_id__in=ids).order_by("-valid_from")
    known: set[int] = set()
    for organisation, full, since in rows.values_list("organisation_id", "full", "valid_from"):
        if organisation not in known:
            found[organisation] = full
        if since <= on:
            known.add(organisation)
    return found


def _check_own(full: int, on: dt.date) -> None:
    least = number_in_force(MEMBERS, on)
    if rules.own_fault(full, least):
        raise RuleViolation(
            _("单独组建须有 %(least)d 名以上正式党员，这里登记的是 %(full)d 名。可以联合组建。")
            % {"least": least, "full": full},
            field="organisations", clause=CLAUSE,
        )  # fmt: skip


def _check_joint(members: list[int], on: dt.date, *, enough: bool = True) -> None:
    least, most = number_in_force(MEMBERS, on), number_in_force(UNITS, on)
    match rules.joint_fault(members, least if enough else 0, most):
        case "one":
            raise RuleViolation(_("联合组建须有两个以上的组织。"), field="organisations", clause=CLAUSE)
        case "many":
            raise RuleViolation(
                _("联合党支部最多覆盖 %(most)d 个单位。") % {"most": most}, field="organisations", clause=CLAUSE
            )  # fmt: skip
        case "none":
            raise RuleViolation(
                _("没有正式党员的组织不能加入联合党支部。请先登记党员人数，或者选派入企干部。"),
                field="organisations", clause=CLAUSE,
            )  # fmt: skip
        case "few":
            raise RuleViolation(
                _("联合党支部须有 %(least)d 名以上正式党员，这几个组织一共 %(full)d 名。")
                % {"least": least, "full": sum(members)},
                field="organisations", clause=CLAUSE,
            )  # fmt: skip


def _cover(
    actor: Actor, party: Unit, rows: Sequence[Profile], form: str, day: dt.date, document: str
) -> list[Covering]:
    words = checked_text(document, "document", _("文号"), 80)
    names = named(rows)
    made = []
    for row in rows:
        taken = _("“%(name)s”在这些日子已有党组织覆盖，请核对。") % {"name": names.get(row.unit_id, "")}
        new = Covering(
            party=party,
            organisation=row,
            place_code=row.place_code,
            form=form,
            document=words,
            valid_from=day,
        )
        made.append(begun(new, taken, "organisations"))
    record_many(
        actor,
        [
            Act(
                "coverage.covered", row, row.place_code,
                {"form": [None, form], "valid_from": [None, day.isoformat()], "document": words, "party": party.pk},
            )
            for row in made
        ],
    )  # fmt: skip
    settle([row.pk for row in rows])
    return made
