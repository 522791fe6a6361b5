"""What the pages of every kind of plan share: acts, which are forms that lead back to the plan, what changes for whom, plans side by side.

The studio's script sends the same forms and takes the page it gets for its answer, so that pages with and without scripts cannot
differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.proposals import forms
from doorstep.kernel.proposals.models import Proposal
from doorstep.kernel.proposals.selectors import ComparedRow, people_of
from doorstep.kernel.proposals.services import Procedure
from doorstep.kernel.shared.errors import Conflict, NotAllowed, Refused
from doorstep.kernel.web.context import page_of
from doorstep.kernel.web.pages import RefusingForm

PLAN, CHANGES, LIST = "plan", "changes", "list"


class Shown(Protocol):
    def __call__(
        self, request: HttpRequest, actor: Actor, found: Any, failed: Any = None, status: int = 200
    ) -> HttpResponse: ...


@dataclass(frozen=True)
class Acting:
    """One act on a plan: the form of what it asks (`args`: what the form is made of besides), what it does with what the form gives,
    what is said after, and the page it belongs to."""

    form: Callable[..., RefusingForm]
    act: Callable[..., Any]
    done: Any
    page: str = PLAN
    args: Callable[[Any], tuple[Any, ...]] = lambda plan: ()


def of_buildings(plan: Any) -> tuple[Any, ...]:
    return (plan.buildings,)


def usual_acts(of: Procedure[Any], send: type[forms.SendForm]) -> dict[str, Acting]:
    """How any plan becomes what holds."""
    return {
        "drop": Acting(forms.LockedForm, of.drop_plan, _("已放弃这个方案。"), LIST),
        "send": Acting(send, of.send_plan, _("已送审，由另一位负责人批准。"), CHANGES),
        "send_back": Acting(forms.BackForm, of.send_back, _("已退回给送审的人。"), CHANGES),
        "approve": Acting(forms.LockedForm, of.approve_plan, "", CHANGES),
        "take_back": Acting(forms.LockedForm, of.take_back, _("已收回，可以再改。")),
    }


@dataclass(frozen=True)
class Pages:
    """The pages of one kind of plan. names: of addresses, by PLAN, CHANGES, LIST and "act"; seen: the plan, or NotVisible;
    show_plan: its studio; changes: what it changes for whom, in seconds where the procedure calls it large; can: what the actor may do."""

    names: Mapping[str, str]
    of: Procedure[Any]
    template: str
    seen: Callable[[Actor, int], Any]
    can: Callable[[Actor, Any], Mapping[str, bool]]
    changes: Callable[[Actor, Any], Any]
    send: type[forms.SendForm]

    def act(
        self, request: HttpRequest, pk: int, what: str, acts: Mapping[str, Acting], show_plan: Shown
    ) -> HttpResponse:
        """Do one thing to a plan; what is refused is said on the page it was asked from, nothing written."""
        acting = acts.get(what)
        if acting is None:
            raise Http404
        actor = actor_of(request)
        form = acting.form(*acting.args(self.seen(actor, pk)), request.POST)
        done, status = _done(form, lambda: acting.act(actor=actor, plan_id=pk, **form.cleaned_data))
        if done:
            if words := acting.done or self._decided(self.seen(actor, pk)):
                messages.success(request, words)
            return self.back_to(request, acting.page, pk)
        show = self.show_changes if acting.page == CHANGES else show_plan
        return show(request, actor, self.seen(actor, pk), failed=form, status=status)

    def _decided(self, plan: Proposal) -> Any:
        return "" if plan.deciding_by is not None else _("已批准。")

    def back_to(self, request: HttpRequest, page: str, pk: int) -> HttpResponse:
        if page == LIST:
            return redirect(self.names[LIST])
        query = request.GET.urlencode()
        return redirect(reverse(self.names[page], args=[pk]) + (f"?{query}" if query else ""))

    def show_changes(
        self, request: HttpRequest, actor: Actor, found: Any, failed: Any = None, status: int = 200
    ) -> HttpResponse:
        """What the plan changes for whom, and from here it is sent, approved or sent back. Of a large plan, which takes seconds to
        try, the page comes at once and asks for itself `?whole=1`; while a job decides, it asks until that is done."""
        page_of(request).place_code = found.place_code
        deciding = found.deciding_by is not None
        large = found.outcome is None and self.of.is_large(found)
        loading = not deciding and large and failed is None and "whole" not in request.GET
        context = {
            "plan": found, "names": self.names, "people": people_of(found), "deciding": deciding, "loading": loading,
            "can": self.can(actor, found), "failed": failed,
            "changes": None if deciding or loading else self.changes(actor, found),
            "send": failed if isinstance(failed, self.send) else self.send(),
            "send_back": failed if isinstance(failed, forms.BackForm) else forms.BackForm(),
        }  # fmt: skip
        return render(request, self.template, context, status=status)

    def show_compared(
        self, request: HttpRequest, plans: Sequence[Any], maps: Sequence[Mapping[str, Any]], rows: Sequence[ComparedRow],
        chart: Mapping[str, Any], words: Mapping[str, Any],
    ) -> HttpResponse:  # fmt: skip
        """Plans side by side. words: `chart` (its name), `axis` (how to read it), `map` (how buildings are coloured)."""
        page_of(request).place_code = plans[0].place_code
        columns = [
            {"plan": plan, "data": data, "id": f"plan-{plan.pk}"}
            for plan, data in zip(plans, maps, strict=True)
        ]
        context = {"columns": columns, "rows": rows, "chart": chart, "words": words, "names": self.names}
        return render(request, "proposals/compare.html", context)


def _done(form: RefusingForm, act: Callable[[], Any]) -> tuple[bool, int]:
    """Whether it was done; else the form says why not, and the status of its page."""
    if not form.is_valid():
        return False, 422
    try:
        act()
    except Refused as refusal:
        form.refuse(refusal)
        return False, 409 if isinstance(refusal, Conflict) else 403 if isinstance(
            refusal, NotAllowed
        ) else 422
    return True, 200
