"""Pages of one person's record: masked; a value in full only for a purpose, and that is kept."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.people import erasure, looking_up, services, values
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.policies import REGISTER, VIEW
from doorstep.kernel.people.purposes import consent_purposes, erasure_grounds, reveal_purposes
from doorstep.kernel.people.selectors import consenting_to, masked, name_of_place, persons_for
from doorstep.kernel.shared.errors import NotVisible, Refused


def _found(request: HttpRequest, pk: int) -> Person:
    """The person, if they exist for the reader; otherwise 404."""
    return get_object_or_404(
        persons_for(actor_of(request)).select_related("key"), pk=pk, erased_at__isnull=True
    )


def _page(request: HttpRequest, person: Person, **more: object) -> HttpResponse:
    policy, actor = policy_for(Person), actor_of(request)
    given = consenting_to(person)
    context = {
        "person": person,
        "place_name": name_of_place(person.place_code),
        "fields": values.FIELDS,
        "purposes": reveal_purposes().values(),
        "grounds": erasure_grounds().values(),
        "consents": [(purpose, purpose.code in given) for purpose in consent_purposes().values()],
        "may": {
            action: policy.can(actor, action, person) for action in ("reveal", "correct", "consent", "erase")
        },
    }
    return render(request, "people/person.html", context | more)


@login_required
@never_cache
@require_GET
def person(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _found(request, pk))


@login_required
@never_cache
@require_POST
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """One value in full on this answer alone."""
    found, field = _found(request, pk), request.POST.get("field", "")
    try:
        value = services.reveal(
            actor=actor_of(request), person=found, field=field, purpose=request.POST.get("purpose", "")
        )
    except Refused as refusal:
        return _refused(request, refusal, pk)
    return _page(request, found, revealed=value or _("没有登记"), revealed_field=values.FIELDS[field])


@login_required
@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct what was filled in; an empty box leaves a value as it is, the word "删除" takes a number away."""
    given = {
        field: request.POST.get(field, "").strip() for field in ("name", "phone", "identity", "place_code")
    }
    wanted = {
        field: "" if text == _("删除") and field in values.FIELDS else text
        for field, text in given.items()
        if text
    }
    try:
        services.correct_person(
            actor=actor_of(request),
            person=_found(request, pk),
            reason=request.POST.get("reason", ""),
            **wanted,
        )
    except Refused as refusal:
        return _refused(request, refusal, pk)
    messages.success(request, _("已更正。"))
    return redirect("person", pk=pk)


@login_required
@require_POST
def consent(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that the person agrees, or no longer does."""
    found, purpose = _found(request, pk), request.POST.get("purpose", "")
    try:
        if request.POST.get("give") == "1":
            services.give_consent(
                actor=actor_of(request),
                person=found,
                purpose=purpose,
                given_by=request.POST.get("given_by", ""),
            )
        else:
            services.withdraw_consent(actor=actor_of(request), person=found, purpose=purpose)
    except Refused as refusal:
        return _refused(request, refusal, pk)
    messages.success(request, _("已记录。"))
    return redirect("person", pk=pk)


@login_required
@require_POST
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Erase the person, after the name was typed once more."""
    found = _found(request, pk)
    if request.POST.get("name", "").strip() != found.name:
        messages.error(request, _("请照原样输入姓名以确认。"))
        return redirect("person", pk=pk)
    try:
        erasure.erase_person(actor=actor_of(request), person=found, ground=request.POST.get("ground", ""))
    except Refused as refusal:
        return _refused(request, refusal, pk)
    messages.success(request, _("已删除。密钥已销毁，信息不能恢复。"))
    return redirect("web:register", "people")


@login_required
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Register somebody at a place of the reader's."""
    if not actor_of(request).holds_somewhere(REGISTER):
        raise Http404
    names = ("name", "place_code", "phone", "identity")
    given = {name: request.POST.get(name, "").strip() for name in names}
    if request.method == "POST":
        try:
            made = services.register_person(
                actor=actor_of(request), name=given["name"], place_code=given["place_code"], phone=given["phone"],
                identity=given["identity"],
            )  # fmt: skip
        except Refused as refusal:
            context = {"given": given, "refusal": refusal, "fault_at": refusal.field}
            return render(request, "people/register.html", context, status=422)
        messages.success(request, _("已登记。"))
        return redirect("person", pk=made.pk)
    given["place_code"] = request.GET.get("place", "")
    return render(request, "people/register.html", {"given": given})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def look_up(request: HttpRequest) -> HttpResponse:
    """Who has this number: on this answer alone, and only those who exist for the reader."""
    if not actor_of(request).holds_somewhere(VIEW):
        raise Http404
    context: dict[str, object] = {
        "purposes": reveal_purposes().values(),
        "chosen": request.POST.get("purpose", ""),
    }
    if request.method == "GET":
        return render(request, "people/look_up.html", context)
    try:
        found = looking_up.look_up(
            actor=actor_of(request),
            number=request.POST.get("number", ""),
            purpose=request.POST.get("purpose", ""),
        )
    except Refused as refusal:
        return render(request, "people/look_up.html", context | {"refusal": refusal}, status=422)
    lines = [(person, masked(person, "phone"), name_of_place(person.place_code)) for person in found]
    return render(request, "people/look_up.html", context | {"asked": True, "lines": lines})


def _refused(request: HttpRequest, refusal: Refused, pk: int) -> HttpResponse:
    if isinstance(refusal, NotVisible):
        raise Http404
    messages.error(request, str(refusal.message))
    return redirect("person", pk=pk)
