"""Place codes nest; a subtree is a prefix and a range."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import place_codes
from doorstep.kernel.shared.names import name_keys

lengths = st.sampled_from(sorted(place_codes.LENGTHS.values()))
codes = lengths.flatmap(lambda length: st.text("0123456789", min_size=length, max_size=length))


def test_levels_by_length() -> None:
    levels = [
        place_codes.level_of(code)
        for code in ("", "21", "2102", "210202", "210202005", "210202005011", "210202005011003")
    ]
    assert levels == list(place_codes.LEVELS)
    with pytest.raises(ValueError, match="5 digits"):
        place_codes.level_of("21020")
    assert not place_codes.is_code("21020x")
    assert not place_codes.is_code("２１")  # full-width digits are not codes


def test_up_and_down() -> None:
    assert place_codes.parent_of("210202005011003") == "210202005011"
    assert place_codes.parent_of("21") == ""
    assert place_codes.parent_of("") is None
    assert place_codes.ancestors_of("210202005011") == ["21", "2102", "210202", "210202005"]
    assert place_codes.level_below("210202") == "street"
    assert place_codes.level_below("210202005011003") is None


@given(codes, codes)
def test_the_range_is_the_prefix(place: str, code: str) -> None:
    in_range = place <= code < place_codes.after_subtree(place)
    assert in_range == place_codes.contains(place, code) or place == ""


@given(st.lists(codes, max_size=6), codes)
def test_fewest_codes_cover_the_same(places: list[str], code: str) -> None:
    fewest = place_codes.minimal(places)
    assert any(place_codes.contains(place, code) for place in places) == any(
        place_codes.contains(place, code) for place in fewest
    )
    assert not any(a != b and b.startswith(a) for a in fewest for b in fewest)


def test_rows_within(db: None) -> None:
    for code in ("990101", "990101001", "990101002", "990102001"):
        Area.objects.create(code=code, level="street", edition=2023, **name_keys("甲"))

    def found(places: list[str]) -> list[str]:
        ours = Area.objects.filter(code__startswith="99")
        return sorted(ours.filter(place_codes.within("code", places)).values_list("code", flat=True))

    assert found(["990101"]) == ["990101", "990101001", "990101002"]
    assert found(["990101001", "990102"]) == ["990101001", "990102001"]
    assert found([""]) == ["990101", "990101001", "990101002", "990102001"]
    assert found([]) == []
