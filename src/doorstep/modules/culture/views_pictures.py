"""Pictures: their bytes for whoever may see them, adding one, looking at one in office, asking to be taken out."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.matters.files import PICTURE
from doorstep.kernel.shared.errors import NotVisible, Refused
from doorstep.kernel.web.context import page_of
from doorstep.modules.culture import selectors, services_pictures
from doorstep.modules.culture.forms import ConsentForm, PictureForm
from doorstep.modules.culture.models import Picture
from doorstep.modules.culture.views_desk import carried_out, desk_page, shown

ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"  # a picture opened alone runs nothing


@require_safe
def picture(request: HttpRequest, pk: int, small: bool = False) -> HttpResponse:
    """The picture. Browsers keep it and ask each time whether it still stands, so that taking it down holds at once."""
    found = selectors.picture_bytes(actor_of(request), pk, small=small)
    if found is None:
        raise Http404
    row, content, public = found
    etag = quote_etag(f"{row.digest[:32]}{'-s' if small else ''}")
    answer = get_conditional_response(request, etag=etag) or HttpResponse(content, content_type=PICTURE)
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = "public, no-cache" if public else "private, no-store"
    answer.headers["Content-Disposition"] = f'inline; filename="{pk}.jpg"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = ALONE
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


@require_POST
def ask_down(request: HttpRequest, pk: int) -> HttpResponse:
    """Anybody signed in: not this one. Who is not is back at the event after signing in."""
    actor = actor_of(request)
    try:
        if actor.is_anonymous:
            event = reverse("culture:event", args=[selectors.session_of_picture(pk)])
            return redirect_to_login(event)
        row = services_pictures.ask_down(actor=actor, picture_id=pk)
    except NotVisible:
        raise Http404 from None
    messages.success(request, _("这张照片已经隐藏，社区看过以后撤下。"))
    public = row.session.activity.is_public
    return redirect("culture:event" if public else "culture:desk_event", row.session_id)


@desk_page
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    session = selectors.event_seen(actor, pk)
    form = PictureForm(request.POST, request.FILES)

    def act() -> None:
        data = form.cleaned_data
        services_pictures.add_picture(
            actor=actor, session_id=pk, upload=data["file"], caption=data["caption"], consent=data["consent"]
        )

    if form.is_valid() and carried_out(form, act):
        public = bool(form.cleaned_data["consent"])
        messages.success(request, _("照片已公开。") if public else _("照片已存好，写明同意方式以后公开。"))
        return redirect("culture:desk_event", pk)
    return shown(request, session, picture=form, status=422)


@desk_page
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Show it with consent, or take it down for good."""
    actor = actor_of(request)
    row = selectors.picture_seen(actor, pk)
    keeps = policy_for(Picture).can(actor, "keep", row)
    page_of(request).place_code = row.place_code[:12]
    back = reverse("culture:desk_event", args=[row.session_id])
    form = ConsentForm(request.POST or None, initial={"consent": row.consent, "caption": row.caption})
    if request.method == "POST" and "down" in request.POST:
        try:
            services_pictures.take_down(actor=actor, picture_id=pk)
        except Refused as refusal:
            if refusal.field or not keeps:
                raise
            messages.error(request, str(refusal.message))
        else:
            messages.success(request, _("照片已撤下，内容已删除。"))
        return redirect(back)
    if request.method == "POST":
        if not keeps:
            policy_for(Picture).require(actor, "keep", row)
        if form.is_valid() and carried_out(
            form, lambda: services_pictures.allow_picture(actor=actor, picture_id=pk, **form.cleaned_data)
        ):
            messages.success(request, _("照片已公开。"))
            return redirect(back)
    status = 422 if request.method == "POST" else 200
    context = {"row": row, "form": form, "back": back, "keeps": keeps}
    return render(request, "culture/picture.html", context, status=status)
