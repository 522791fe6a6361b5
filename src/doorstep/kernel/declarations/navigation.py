"""The side navigation is declared where the pages are; `kernel/web` shows each reader the entries that are theirs."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.shared.place_codes import LENGTHS

Text = str | Promise

WORK, CHAIN, PLACES, PEOPLE, PARTNERS, VOLUNTEERS, REPORTS, ADMINISTRATION = (
    _("工作台"), _("组织链条"), _("地方"), _("人员与组织"), _("融合共建"), _("志愿与文化"), _("指标与简报"), _("系统管理"),
)  # fmt: skip
SECTIONS = (WORK, CHAIN, PLACES, PEOPLE, PARTNERS, VOLUNTEERS, REPORTS, ADMINISTRATION)


@dataclass(frozen=True)
class MenuEntry:
    """One entry. `url`: an address, or the name of one that needs no argument. `capability`: shown to whoever holds
    it anywhere; "" for every signed-in member of staff. Registers with a `section` are entered by themselves."""

    section: Text
    name: Text
    url: str
    capability: str = ""
    icon: str = ""
    rank: int = 100  # lower stands higher in its section
    level: str = ""  # shown only to whoever holds `capability` over a place of this level or a higher one

    def visible_to(self, actor: Actor) -> bool:
        if not self.capability:
            return actor.is_staff or actor.is_system
        if not self.level:
            return actor.holds_somewhere(self.capability)
        return any(len(place) <= LENGTHS[self.level] for place in actor.places_for(self.capability))


@dataclass(frozen=True)
class FirstPage:
    """Where somebody lands after signing in whose posts are all among these: on the one page that their work is done on.
    `url`: the name of a page that needs no argument; `name`: what it is called there. `on_phone`: pages that the desk also
    uses open for them as a phone's, with the way back to it."""

    url: str
    posts: frozenset[str]
    name: Text = ""
    on_phone: bool = False


_entries: list[MenuEntry] = []
_first_pages: list[FirstPage] = []


def declare(*entries: MenuEntry) -> None:
    """Add entries; the same address twice raises RuntimeError."""
    for entry in entries:
        if any(known.url == entry.url for known in _entries):
            raise RuntimeError(f"menu entry {entry.url} is declared twice")
        _entries.append(entry)


def all_entries() -> list[MenuEntry]:
    return list(_entries)


def declare_first_page(url: str, *posts: str, name: Text = "", on_phone: bool = False) -> None:
    """A post that has a first page already raises RuntimeError."""
    if taken := [page.url for page in _first_pages if page.posts & set(posts)]:
        raise RuntimeError(f"{', '.join(posts)}: the first page is {taken[0]}")
    _first_pages.append(FirstPage(url, frozenset(posts), name, on_phone))


def first_page_of(posts: frozenset[str]) -> FirstPage | None:
    """The page that all of these posts begin on; None where they have none in common."""
    return next((page for page in _first_pages if posts and posts <= page.posts), None)
