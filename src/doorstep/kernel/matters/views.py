"""Files of matters, and one's own notices."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.matters.files import PICTURE
from doorstep.kernel.matters.models_messages import MessageChoice
from doorstep.kernel.matters.selectors_notices import choices_of, notices_for, shown
from doorstep.kernel.matters.services_attachments import file_for
from doorstep.kernel.matters.services_choices import choose_message, read_notices
from doorstep.kernel.shared.errors import NotVisible, Refused
from doorstep.kernel.shared.numerals import whole_number

FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"  # a file opened alone runs nothing


@require_GET
def file(
    request: HttpRequest, matter_id: int, pk: int, thumbnail: bool = False
) -> HttpResponse | FileResponse:
    """A file of a matter: a picture to look at, anything else to save. 404 where it does not exist for the reader."""
    try:
        row, path = file_for(actor_of(request), matter_id, pk, thumbnail)
    except NotVisible:
        raise Http404 from None
    response = FileResponse(
        path.open("rb"), content_type=row.kind, as_attachment=row.kind != PICTURE, filename=row.name
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = FILE_POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@login_required
@never_cache
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """One's own notices, newest first, and how else one wants to hear."""
    actor = actor_of(request)
    page = Paginator(notices_for(actor), 30).get_page(request.GET.get("page"))
    context = {
        "desk": actor.is_staff,
        "lines": shown(actor, page.object_list),
        "page_of_notices": page,
        "choices": choices_of(actor),
        "strip": "mine",
    }
    return render(request, "matters/notices.html", context)


@login_required
@require_POST
def read(request: HttpRequest) -> HttpResponseRedirect:
    """Mark those sent as read; without any, all."""
    asked = (whole_number(text) for text in request.POST.getlist("notice"))
    ids = [number for number in asked if number is not None]
    read_notices(actor=actor_of(request), notice_ids=ids or None)
    return redirect("notices")


@login_required
@require_POST
def choose(request: HttpRequest) -> HttpResponseRedirect:
    """Hear by a channel too, or no longer."""
    channel, wanted = request.POST.get("channel", ""), request.POST.get("wanted") == "1"
    try:
        choose_message(actor=actor_of(request), channel=channel, wanted=wanted)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        name = dict(MessageChoice.CHANNELS)[channel]
        words = _("以后也用%(channel)s告诉您。") if wanted else _("以后不再用%(channel)s告诉您。")
        messages.success(request, words % {"channel": name})
    return redirect("notices")
