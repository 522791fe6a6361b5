"""A partner unit's own day, on a phone: what it agreed, what it has to do, meetings it may bring topics to."""

from __future__ import annotations

import datetime as dt

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.declarations.work import WorkItem, all_providers
from doorstep.kernel.matters.laws import law_of
from doorstep.kernel.matters.services import apply_transition, next_steps
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.matters.wording import clock_words
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared import clock
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.modules.partnership import forms, selectors_pages
from doorstep.modules.partnership.pages import form_page, phone_page

STEPS = ("accept", "handle")
MOST_ASKED = 5  # of each part
MOST_IN_HAND = 8


@phone_page
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """What waits for the reader's units, and what they agreed."""
    actor = actor_of(request)
    shown = selectors_pages.own_page(actor)
    context = {
        "shown": shown, "to_do": [(row, clock_words(row.matter)) for row in shown.to_do], "asked": _asked_elsewhere(actor),
        "in_hand": _in_hand(actor),
    }  # fmt: skip
    return render(request, "partnership/own.html", context)


def _in_hand(actor: Actor) -> list[WorkItem]:
    """Projects and responsibilities that the reader's units are at, the next due first."""
    own = [one for one in all_providers() if one.key in ("partnership.projects", "partnership.duties")]
    found = [item for one in own for item in one.items(actor, clock.today(), MOST_IN_HAND)[0]]
    return sorted(found, key=lambda item: item.due or dt.date.max)[:MOST_IN_HAND]


def _asked_elsewhere(actor: Actor) -> list[WorkItem]:
    """What other parts of the platform ask of the reader's units, such as people for an event."""
    others = [one for one in all_providers() if one.of_unit and not one.key.startswith("partnership.")]
    return [item for one in others for item in one.items(actor, clock.today(), MOST_ASKED)[0]]


@phone_page
@require_GET
def resolution(request: HttpRequest, pk: int) -> HttpResponse:
    """One resolution that the reader's unit is responsible for, with what it may do now."""
    actor = actor_of(request)
    row = selectors_pages.own_resolution(actor, pk)
    kind, words = clock_words(row.matter)
    context = {
        "row": row, "clock": kind, "clock_words": words, "names": last_names([row.unit_id, row.minutes.unit_id]),
        "steps": [step for step in next_steps(actor, row.matter) if step.name in STEPS],
        "where": full_names_of({row.place_code}).get(row.place_code, ""),
    }  # fmt: skip
    return render(request, "partnership/own_resolution.html", context)


@phone_page
def resolution_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Take a resolution on, or say that and how it was done."""
    actor = actor_of(request)
    row = selectors_pages.own_resolution(actor, pk)
    if name not in STEPS:
        raise Http404
    law_row = law_of("resolution").by_name[name]
    form = forms.StepForm(law_row.requires, request.POST or None, initial={"version": row.matter.version})
    form.fields["note"].label = _("怎么办的") if name == "handle" else _("想说的话")

    def act() -> None:
        apply_transition(
            actor=actor, matter_id=pk, name=name, inputs=Inputs(note=form.cleaned_data["note"]),
            expected_version=form.cleaned_data["version"],
        )  # fmt: skip

    return form_page(
        request, form, f"{law_row.words}：{row.matter.title}", reverse("partnership:own_resolution", args=[pk]), act,
        _("已%(step)s。") % {"step": law_row.words}, template="partnership/own_act.html", verb=law_row.words,
    )  # fmt: skip
