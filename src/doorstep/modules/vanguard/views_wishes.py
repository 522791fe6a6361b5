"""A resident's wishes on the phone: say one, see where it stands, say whether it is done."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.matters.services import apply_transition
from doorstep.kernel.people.models import Person
from doorstep.kernel.web.pages import carried_out, guarded
from doorstep.modules.vanguard import pages, selectors_wishes, services_wishes
from doorstep.modules.vanguard.forms import WishForm, WordsForm
from doorstep.modules.vanguard.pages_acting import pressed
from doorstep.modules.vanguard.services_wishes import NewWish


@guarded
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """What one said, and where it stands."""
    lines = selectors_wishes.own_wishes(actor_of(request))
    return render(request, "vanguard/wishes.html", {"lines": lines, "strip": "mine"})


@guarded
@require_http_methods(["GET", "POST"])
def say(request: HttpRequest) -> HttpResponse:
    """Say a wish or a difficulty."""
    actor = actor_of(request)
    if actor.person_id is None:
        raise Http404
    place = Person.objects.filter(pk=actor.person_id).values_list("place_code", flat=True).first() or ""
    district = place[:6] or settings.HOME_PLACE
    initial = {"place_code": place[:12], "key": uuid.uuid4()}
    form = WishForm(pages.communities([district]), request.POST or None, initial=initial)
    made: list[int] = []

    def act() -> None:
        made.append(services_wishes.make_wish(actor=actor, new=NewWish(**form.cleaned_data)).pk)

    if request.method == "POST" and form.is_valid() and carried_out(form, act):
        messages.success(request, _("收到了。社区看过后公布给报到的党员认领，有进展会告诉您。"))
        return redirect("vanguard:wish", made[0])
    return render(
        request, "vanguard/say.html", {"form": form, "strip": "mine"}, status=422 if form.is_bound else 200
    )


@guarded
@never_cache
@require_http_methods(["GET", "POST"])
def wish(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own: where it stands; the last word is one's own."""
    actor = actor_of(request)
    page = selectors_wishes.wish_page(actor, pk, None)
    if not page.is_own:
        raise Http404
    asked = request.POST.get("do", "")
    form = WordsForm(_("还差什么"), request.POST if asked == "not_yet" else None)
    if form.is_bound:
        if form.is_valid() and carried_out(
            form, lambda: _answer(actor, pk, asked, form.cleaned_data["words"])
        ):
            messages.success(request, _("记下了，认领人会再来。"))
            return redirect("vanguard:wish", pk)
    elif request.method == "POST":
        if asked in ("confirm", "withdraw"):
            pressed(request, lambda: _answer(actor, pk, asked, ""), _("记下了，谢谢您。"))
        return redirect("vanguard:wish", pk)
    context: dict[str, Any] = {"page_of": page, "form": form, "strip": "mine"}
    return render(request, "vanguard/wish.html", context, status=422 if form.is_bound else 200)


def _answer(actor: Actor, pk: int, asked: str, words: str) -> None:
    if asked == "withdraw":
        apply_transition(actor=actor, matter_id=pk, name="withdraw")
    else:
        services_wishes.answer(actor=actor, wish_id=pk, done=asked == "confirm", note=words)
