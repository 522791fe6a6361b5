"""The left navigation of one page: declared menu entries and registers, as far as they are the reader's."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations.navigation import SECTIONS, all_entries
from doorstep.kernel.declarations.registers import all_registers

Text = str | Promise
REGISTERS = 200  # the rank of registers: below the pages of their section
HOME, REGISTERS_AT = "/desk/", "/desk/r/"  # the beginnings of every page of the desk, and of every register
SHOWN = 2  # so many registers of a section are not worth folding


@dataclass(frozen=True)
class Line:
    """One line as drawn: where it leads, and whether one is there."""

    name: Text
    href: str
    current: bool


@dataclass(frozen=True)
class Group:
    """A section. Many registers are folded under one line, so that a section shows what is worked in first."""

    title: Text
    lines: tuple[Line, ...]
    folded: tuple[Line, ...] = ()

    @property
    def unfolded(self) -> bool:
        """One stands in one of the folded registers."""
        return any(line.current for line in self.folded)


def groups(actor: Actor, path: str, place_code: str = "") -> list[Group]:
    """Sections in their order, empty ones left out. Every line keeps the place one stands at."""
    found = [
        (str(entry.section), entry.rank, entry.name, _address(entry.url))
        for entry in all_entries()
        if entry.visible_to(actor)
    ]
    found += [
        (str(register.section), REGISTERS, register.name, _address("web:register", register.key))
        for register in all_registers()
        if register.section and actor.holds_somewhere(policy_for(register.model).view)
    ]
    found = sorted((line for line in found if line[3]), key=lambda line: (line[1], str(line[2])))
    here = _here(path, [href for *_rest, href in found])
    scope = f"?place={place_code}" if place_code else ""
    drawn = [
        _group(section, [line for line in found if line[0] == str(section)], here, scope)
        for section in SECTIONS
    ]
    return [group for group in drawn if group.lines]


def _here(path: str, hrefs: list[str]) -> str:
    """The line in which one stands: the longest that begins the address; "" on a page of none."""
    beginnings = [(part, href) for href in hrefs for part in _beginnings(href)]
    fitting = [
        (part, href) for part, href in beginnings if path == part or (part != HOME and path.startswith(part))
    ]
    return max(fitting, key=lambda each: len(each[0]), default=("", ""))[1]


def _beginnings(href: str) -> set[str]:
    """A register's own pages lie beside it: /desk/units/new/ belongs to /desk/r/units/, /places/venues/7/ to
    /desk/r/places.venues/, /desk/terms/new/ to /desk/r/matters.terms/."""
    if not href.startswith(REGISTERS_AT):
        return {href}
    key = href.removeprefix(REGISTERS_AT).strip("/")
    packaged, alone = key.replace(".", "/"), key.rpartition(".")[2]
    return {href, f"{HOME}{packaged}/", f"{HOME}{alone}/", f"/{packaged}/"}


def _group(section: Text, found: list[tuple[str, int, Text, str]], here: str, scope: str) -> Group:
    pages = tuple(
        Line(name, href + scope, href == here) for _in, rank, name, href in found if rank < REGISTERS
    )
    registers = tuple(
        Line(name, href + scope, href == here) for _in, rank, name, href in found if rank >= REGISTERS
    )
    if len(registers) <= SHOWN or not pages:
        return Group(section, pages + registers)
    return Group(section, pages, registers)


def _address(url: str, *args: str) -> str:
    """An address as it is, or that of a named page; "" where it is not served here."""
    if url.startswith("/"):
        return url
    try:
        return reverse(url, args=args)
    except NoReverseMatch:
        return ""
