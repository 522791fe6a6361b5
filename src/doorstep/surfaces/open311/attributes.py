"""What may be said of a report beyond its service, as service definitions tell it: each is a field of the platform's report.

The list of items has no fields of its own, so all services have these; nothing is asked that nobody reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.models import URGENCIES
from doorstep.modules.requests.services import ANONYMOUS_COSTS
from doorstep.surfaces.open311.faults import Fault

STRING, ONE = "string", "singlevaluelist"
YES_NO = (("no", _("否")), ("yes", _("是")))
UNKNOWN = _("没有 attribute[%(code)s] 这一项。")
BAD_VALUE = _("attribute[%(code)s] 的值不在可选的值里：%(values)s。")
_NAME = "attribute["


@dataclass(frozen=True)
class Attribute:
    """One thing that may be said. `says`: how it is taken. `values`: of which one is chosen."""

    code: str
    datatype: str
    name: Promise
    says: str | Promise
    values: tuple[tuple[str, str | Promise], ...] = ()


ATTRIBUTES = (
    Attribute("where", STRING, _("具体位置"), _("楼号、单元、楼层、参照物；办理的人看得到，不公开。")),
    Attribute(
        "urgency", ONE, _("紧急程度"), _("只采用工作人员的密钥所说的；其他的按事项的默认紧急程度。"), tuple(URGENCIES)
    ),
    Attribute("anonymous", ONE, _("匿名"), ANONYMOUS_COSTS, YES_NO),
)  # fmt: skip


def told() -> list[dict[str, Any]]:
    """As a service definition lists them."""
    return [
        {
            "variable": True, "code": each.code, "datatype": each.datatype, "required": False, "order": order,
            "description": each.name, "datatype_description": each.says,
            "values": [{"key": key, "name": name} for key, name in each.values],
        }
        for order, each in enumerate(ATTRIBUTES, start=1)
    ]  # fmt: skip


def given_in(form: QueryDict) -> Mapping[str, str]:
    """Values by code, of those given. Raises Fault 400 for an unknown one or a value that is none of its list."""
    known = {each.code: each for each in ATTRIBUTES}
    given = {}
    for code, value in _parts(form):
        if code not in known:
            raise Fault(400, UNKNOWN, code=code[:40])
        keys = [key for key, _words in known[code].values]
        if keys and value not in keys:
            raise Fault(400, BAD_VALUE, code=code, values=", ".join(keys))
        given[code] = value
    return given


def _parts(form: QueryDict) -> Iterable[tuple[str, str]]:
    for name in form:
        if name.startswith(_NAME):
            value = form.get(name, "").strip()
            if value:
                yield name.removeprefix(_NAME).partition("]")[0], value
