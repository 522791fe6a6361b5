"""What the pages of volunteering share: guards, refusals at their field, choices of places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, Refused
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.volunteering.forms import RefusingForm
from doorstep.modules.volunteering.models import Brand

View = Callable[..., HttpResponseBase]
MOST_CHOICES = 2000


def guarded(view: View) -> View:
    """A signed-in page. What the reader may not see does not exist; what is not theirs to do is forbidden."""

    @login_required
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except NotVisible:
            raise Http404 from None
        except NotAllowed:
            if request.method in ("GET", "HEAD"):
                raise Http404 from None
            raise PermissionDenied from None

    return checked


def carried_out(form: RefusingForm, act: Callable[[], Any]) -> bool:
    """Carry it out; say a refusal at its field, nothing written."""
    try:
        act()
    except NotVisible as refusal:
        if not refusal.field and not refusal.message:
            raise
        form.refuse(refusal)
    except Refused as refusal:
        form.refuse(refusal)
    else:
        return True
    return False


def areas(where: Sequence[str], levels: Sequence[str]) -> list[tuple[str, str]]:
    """(code, name) of the standing areas of these levels, in the order of their codes."""
    rows = Area.objects.filter(within("code", where), level__in=levels, ended_on=None).exclude(code="")
    return list(rows.order_by("code").values_list("code", "name")[:MOST_CHOICES])


def communities(where: Sequence[str]) -> list[tuple[str, Any]]:
    """Communities in groups by street, as a choice."""
    rows = Area.objects.filter(within("code", where), level="community", ended_on=None)
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in rows.select_related("parent").order_by("code")[:MOST_CHOICES]:
        groups.setdefault(row.parent.name if row.parent else "", []).append((row.code, row.name))
    return list(groups.items())


def federations(where: Sequence[str]) -> list[tuple[str, str]]:
    """Federations of the districts these places lie in."""
    districts = sorted({place[:6] for place in where if place}) or [""]
    rows = UnitVersion.objects.in_force().filter(within("place_code", districts), kind="volunteer_federation")
    return [(str(unit), name) for unit, name in rows.order_by("place_code").values_list("unit", "name")]


def brands(where: Sequence[str]) -> list[tuple[str, str]]:
    districts = sorted({place[:6] for place in where if place}) or [""]
    rows = Brand.objects.in_force().filter(within("place_code", districts)).order_by("name")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")[:MOST_CHOICES]]
