"""What stands in the left navigation. A package declares its sections in its `navigation.py`."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor

Text = str | Promise

GROUPS: dict[str, Text] = {"today": _("今天"), "place": _("这个地方"), "records": _("台账"), "administer": _("管理")}


@dataclass(frozen=True)
class Section:
    """One line of the navigation.

    url_name: the page. With `by_place` its last argument is the place one stands at.
    capability: shown only to actors who hold it somewhere; empty for everybody with a post.
    """

    key: str
    label: Text
    url_name: str
    url_args: tuple[str, ...] = ()
    group: str = "records"
    order: int = 100
    capability: str = ""
    by_place: bool = False

    def href(self, place_code: str) -> str:
        """Address of the page, "" where it is not served here."""
        args = (*self.url_args, place_code) if self.by_place else self.url_args
        try:
            return reverse(self.url_name, args=args)
        except NoReverseMatch:
            return ""

    def open_to(self, actor: Actor) -> bool:
        return actor.holds_somewhere(self.capability) if self.capability else actor.is_staff


@dataclass(frozen=True)
class Line:
    """A section as drawn on one page."""

    label: Text
    href: str
    current: bool


_sections: dict[str, Section] = {}


def declare(*sections: Section) -> None:
    for section in sections:
        if section.key in _sections:
            raise RuntimeError(f"navigation section {section.key} is declared twice")
        _sections[section.key] = section


def lines(actor: Actor, place_code: str, path: str) -> list[tuple[Text, list[Line]]]:
    """Groups with their lines for this actor, place and current path; empty groups are left out."""
    open_sections = sorted(
        (section for section in _sections.values() if section.open_to(actor)),
        key=lambda section: (section.order, section.key),
    )
    shown = [(section, section.href(place_code)) for section in open_sections]
    here = max((href for _s, href in shown if href and path.startswith(href)), key=len, default="")
    grouped = []
    for group, title in GROUPS.items():
        drawn = [
            Line(section.label, href, current=href == here)
            for section, href in shown
            if href and section.group == group
        ]
        if drawn:
            grouped.append((title, drawn))
    return grouped
