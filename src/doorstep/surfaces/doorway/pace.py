"""Modest limits on how often one phone or address may ask: people behind one router share it, so they are generous."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from doorstep.kernel.authority.counting import address_of, counted

REQUESTS_PER_MINUTE = 120
REPORTS_PER_MINUTE = 10
CODES_PER_MINUTE = 10  # tries at a code that lets somebody unknown follow a report

View = Callable[..., HttpResponse]


def paced(view: View) -> View:
    """Answer 429, in words, beyond REQUESTS_PER_MINUTE. The address is kept for that minute as a keyed hash."""

    @wraps(view)
    def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if counted("doorway", address_of(request)) > REQUESTS_PER_MINUTE:
            answer = render(request, "doorway/too_often.html", status=429)
            answer["Retry-After"] = "60"
            return answer
        return view(request, *args, **kwargs)

    return limited


def too_many_reports(request: HttpRequest) -> bool:
    """Whether this account (or address, for somebody unknown) has sent more than REPORTS_PER_MINUTE."""
    account_id = request.actor.account_id  # type: ignore[attr-defined]  # the actor middleware sets it
    who = f"account {account_id}" if account_id is not None else address_of(request)
    return counted("report", who) > REPORTS_PER_MINUTE


__all__ = ["CODES_PER_MINUTE", "REPORTS_PER_MINUTE", "address_of", "counted", "paced", "too_many_reports"]
