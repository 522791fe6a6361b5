"""The brief as a page and as a Word file, for any place, period and comparison day."""

from __future__ import annotations

import datetime as dt
from urllib.parse import quote

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.indicators.capabilities import VIEW
from doorstep.kernel.indicators.days import asked_day, is_showable, unshowable
from doorstep.kernel.indicators.selectors import default_comparison, programme_start
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible
from doorstep.surfaces.briefs import texts
from doorstep.surfaces.briefs.builder import Brief, build_brief
from doorstep.surfaces.briefs.word import word_document

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class DayInput(forms.DateInput):
    """The browser's own date field, which takes no other form than 2026-11-22."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(attrs={"class": "form-control"}, format="%Y-%m-%d")


class PeriodForm(forms.Form):
    """The days a brief speaks of."""

    since = forms.DateField(label=_("自"), widget=DayInput())
    on = forms.DateField(label=_("至"), widget=DayInput())
    compare_since = forms.DateField(label=_("对比期自（不填则一样长）"), required=False, widget=DayInput())
    compare = forms.DateField(label=_("对比期至"), required=False, widget=DayInput())

    def clean(self) -> dict[str, dt.date | None]:
        data = super().clean() or {}
        for name in [name for name in self.errors if name in self.fields]:  # no day at all: the same sentence
            self.errors[name] = self.error_class([unshowable()])
        since, on, compare = data.get("since"), data.get("on"), data.get("compare")
        compare_since = data.get("compare_since")
        for name in self.fields:
            day = data.get(name)
            if day and not is_showable(day):
                self.add_error(name, unshowable())
        if since and on and since > on:
            self.add_error(
                "since", _("起始日在截止日之后，请改为 %(on)s 或更早；下面按今天显示。") % {"on": on}
            )
        if compare and on and compare >= on:
            self.add_error("compare", _("对比期的最后一天要早于截止日；下面按今天显示。"))
        if compare_since and not compare:
            self.add_error("compare", _("请写对比期的最后一天；下面按今天显示。"))
        if compare_since and compare and compare_since > compare:
            self.add_error(
                "compare_since",
                _("对比期的第一天要在最后一天（%(day)s）之前；下面按今天显示。") % {"day": compare},
            )
        return data


def _form(request: HttpRequest) -> PeriodForm:
    today, asked = clock.today(), asked_day(request.GET.get("on", "")).day
    usual = {
        "since": programme_start(), "on": today, "compare_since": "", "compare": default_comparison(asked),
    }  # fmt: skip
    given = {name: request.GET[name] for name in usual if name in request.GET}
    return PeriodForm({**usual, **given})


def _brief(actor: Actor, place: str, form: PeriodForm) -> Brief:
    days = form.cleaned_data
    try:
        return build_brief(
            actor, place, on=days["on"], since=days["since"], compared_on=days.get("compare"),
            compared_since=days.get("compare_since"),
        )  # fmt: skip
    except (NotVisible, NotAllowed):
        raise Http404 from None


@login_required
def brief_home(request: HttpRequest) -> HttpResponse:
    """To the brief of the reader's own first place."""
    places = actor_of(request).places_for(VIEW)
    if not places:
        raise Http404
    return redirect("briefs:page", places[0] or settings.HOME_PLACE)


@login_required
def brief_page(request: HttpRequest, place: str) -> HttpResponse:
    """The brief to read: every figure opens its rows. With impossible days it shows today's and says what is wrong."""
    form = _form(request)
    valid = form.is_valid()
    days = form if valid else _usual_days()
    brief = _brief(actor_of(request), place, days)
    context = {
        "form": form,
        "brief": brief,
        "words": texts,
        "plain": "\n".join(brief.lines()),
    }
    return render(request, "briefs/brief.html", context)


def _usual_days() -> PeriodForm:
    form = PeriodForm({"since": programme_start(), "on": clock.today(), "compare": ""})
    form.full_clean()
    return form


@login_required
def brief_word(request: HttpRequest, place: str) -> HttpResponse:
    form = _form(request)
    if not form.is_valid():  # the page says what is wrong with the days
        return redirect(f"{reverse('briefs:page', args=[place])}?{request.GET.urlencode()}")
    brief = _brief(actor_of(request), place, form)
    root = settings.PUBLIC_ADDRESS or request.build_absolute_uri("/")
    response = HttpResponse(word_document(brief, root), content_type=WORD)
    name = quote(f"{brief.title}-{brief.on:%Y%m%d}.docx")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response
