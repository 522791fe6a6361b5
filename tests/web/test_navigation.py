"""Many registers of a section are folded; the one that is open unfolds them."""

from __future__ import annotations

from doorstep.kernel.declarations.navigation import PLACES
from doorstep.kernel.web.frame import navigation


def group(count: int, pages: int, here: str = "") -> navigation.Group:
    found = [(str(PLACES), 10, f"页{n}", f"/p/{n}/") for n in range(pages)]
    found += [(str(PLACES), navigation.REGISTERS, f"册{n}", f"/r/{n}/") for n in range(count)]
    return navigation._group(PLACES, found, here, "?place=1")


def test_many_registers_beside_pages_are_folded() -> None:
    drawn = group(3, 2)
    assert [line.name for line in drawn.lines] == ["页0", "页1"]
    assert [line.href for line in drawn.folded] == ["/r/0/?place=1", "/r/1/?place=1", "/r/2/?place=1"]
    assert not drawn.unfolded and group(3, 2, "/r/1/").unfolded and not group(3, 2, "/p/1/").unfolded


def test_every_page_of_the_desk_stands_in_its_own_line() -> None:
    lines = [
        "/desk/",
        "/desk/matters/",
        "/desk/whistles/",
        "/desk/r/whistles/",
        "/desk/r/units/",
        "/desk/r/people/",
    ]
    for path, line in (
        ("/desk/", "/desk/"),
        ("/desk/matters/QS1/", "/desk/matters/"),
        ("/desk/units/new/street_office/", "/desk/r/units/"),
        ("/desk/people/look-up/", "/desk/r/people/"),
        ("/desk/r/units/7/", "/desk/r/units/"),
        ("/desk/whistles/records/", "/desk/whistles/"),
        ("/desk/filters/", ""),
    ):
        assert navigation._here(path, lines) == line, path


def test_few_registers_and_sections_of_registers_alone_stand_open() -> None:
    assert len(group(2, 2).lines) == 4 and not group(2, 2).folded
    assert len(group(5, 0).lines) == 5 and not group(5, 0).folded
