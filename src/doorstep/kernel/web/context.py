"""What every page's frame needs, as `page` in templates. Nothing is read before a template asks for it."""

from __future__ import annotations

import datetime as dt
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, gettext

from doorstep.kernel.access.actors import ANONYMOUS, Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.declarations.navigation import first_page_of
from doorstep.kernel.indicators.capabilities import VIEW as INDICATORS
from doorstep.kernel.indicators.days import asked_day
from doorstep.kernel.matters.selectors_notices import unread_count
from doorstep.kernel.organisations.kinds import POSTS
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import is_code
from doorstep.kernel.web.frame import naming, navigation
from doorstep.kernel.web.frame.views import LARGE_TYPE_COOKIE


class Page:
    """The frame of one page. The place one stands at comes from the address (`code`, `place_code` or ?place=)."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def actor(self) -> Actor:
        return actor_of(self.request) if hasattr(self.request, "actor") else ANONYMOUS

    @property
    def demo(self) -> bool:
        return bool(settings.DEMO)

    @property
    def tianditu_key(self) -> str:
        return str(settings.TIANDITU_KEY)

    @property
    def large_type(self) -> bool:
        return self.request.COOKIES.get(LARGE_TYPE_COOKIE) == "1"

    @property
    def in_english(self) -> bool:
        return (get_language() or "").startswith("en")

    @cached_property
    def now(self) -> dt.datetime:
        return clock.now()

    @cached_property
    def day_trouble(self) -> str:
        """Why the page shows today instead of the day asked for; empty where it shows what was asked."""
        return asked_day(self.request.GET.get("on", "")).trouble

    @cached_property
    def unread(self) -> int:
        """Notices the reader has not read yet; asked of the database only where a frame shows it."""
        return unread_count(self.actor)

    @property
    def path(self) -> str:
        """Where to come back to. A part of a page, fetched by a script, comes back to the whole page."""
        return self.request.get_full_path()

    @cached_property
    def place_code(self) -> str:
        match = self.request.resolver_match
        kwargs = match.kwargs if match else {}
        asked = kwargs.get("code") or kwargs.get("place_code") or self.request.GET.get("place") or ""
        if asked and is_code(str(asked)):
            return str(asked)
        return self._own[0] if self._own else str(settings.HOME_PLACE)

    @cached_property
    def _own(self) -> list[str]:
        return naming.own_places(self.actor)

    @cached_property
    def _names(self) -> dict[str, str]:
        return naming.names_of([*naming.trail_codes(self.place_code), *self._own[:12]])

    @cached_property
    def own_places(self) -> list[naming.NamedPlace]:
        """At most twelve places the reader answers for."""
        return [self._named(code) for code in self._own[:12]]

    @cached_property
    def trail(self) -> list[naming.NamedPlace]:
        """From the district down to the place; only a place whose cockpit the reader may open is a link."""
        return [self._named(code) for code in naming.trail_codes(self.place_code) if code in self._names]

    @property
    def place_name(self) -> str:
        return self._names.get(self.place_code, "")

    def _named(self, code: str) -> naming.NamedPlace:
        seen = self.actor.holds(INDICATORS, code)
        return naming.NamedPlace(code, self._names.get(code, code), naming.place_page(code) if seen else "")

    @cached_property
    def own_page(self) -> navigation.Line | None:
        """The one page of a reader whose posts all work on a phone."""
        found = first_page_of(self.actor.posts()) if self.actor.is_staff else None
        return (
            navigation.Line(found.name, reverse(found.url), current=False)
            if found and found.on_phone
            else None
        )

    @property
    def frame(self) -> str:
        """What a page extends that people at a desk and people with a phone both open; its blocks are the desk's: title,
        heading, lead_in, actions, content."""
        return (
            "web/base_desk.html" if self.actor.is_staff and self.own_page is None else "web/base_either.html"
        )

    @cached_property
    def sections(self) -> list[navigation.Group]:
        """The navigation; its lines keep the place one chose, not the one that is there by default."""
        chosen = self.place_code if self.place_code not in self._own[:1] else ""
        return navigation.groups(self.actor, self.request.path, chosen)

    @property
    def posts(self) -> str:
        """The reader's posts in words."""
        return gettext("、").join(
            str(POSTS[post].name) for post in sorted(self.actor.posts()) if post in POSTS
        )


def page_of(request: HttpRequest) -> Page:
    """The one frame of this request, so that views and templates read names once."""
    if not hasattr(request, "doorstep_page"):
        request.doorstep_page = Page(request)  # type: ignore[attr-defined]  # ours
    return request.doorstep_page  # type: ignore[attr-defined]  # set just above


def page(request: HttpRequest) -> dict[str, object]:
    return {"page": page_of(request)}
