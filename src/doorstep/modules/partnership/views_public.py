"""What anybody may read: notices of commissioners, for as long as they are public."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import is_code, within
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.modules.partnership.models import Nomination

MOST = 100


@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """Commissioners made public these days, in a place (`place`) or the district; the newest first."""
    asked = request.GET.get("place", "")
    code = asked if is_code(asked) else settings.HOME_PLACE
    today = clock.today()
    rows = Nomination.objects.filter(
        within("place_code", [code]),
        published_on__lte=today,
        public_until__gt=today,
        appointment__isnull=False,
    )
    found = list(rows.select_related("person", "appointment").order_by("-published_on", "-pk")[:MOST])
    return render(
        request, "partnership/notices.html", _context(found) | {"name": full_names_of({code}).get(code, "")}
    )


@require_GET
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice. When its days are over it is no longer there."""
    today = clock.today()
    rows = Nomination.objects.filter(
        pk=pk, published_on__lte=today, public_until__gt=today, appointment__isnull=False
    )
    found = list(rows.select_related("person", "appointment"))
    if not found:
        raise Http404
    return render(request, "partnership/notice.html", _context(found))


def _context(rows: list[Nomination]) -> dict[str, object]:
    units = last_names({pk for row in rows for pk in (row.unit_id, row.community_id)})
    return {"rows": [(row, units.get(row.unit_id, ""), units.get(row.community_id, "")) for row in rows]}
