"""Positions as WeChat's browser gives them come back to where the phone is."""

from hypothesis import given
from hypothesis import strategies as st

from doorstep.kernel.places.positions import metres_between, to_gcj02, to_wgs84

LONGITUDES, LATITUDES = st.floats(74, 134), st.floats(19, 52)


@given(LONGITUDES, LATITUDES)
def test_there_and_back_is_within_a_centimetre(longitude, latitude):
    assert metres_between(to_wgs84(*to_gcj02(longitude, latitude)), (longitude, latitude)) < 0.01


@given(LONGITUDES, LATITUDES)
def test_the_shift_is_some_hundred_metres(longitude, latitude):
    assert 10 < metres_between(to_gcj02(longitude, latitude), (longitude, latitude)) < 1000


def test_a_known_pair():
    """The usual published example: the square in Beijing."""
    shifted = to_gcj02(116.397428, 39.90923)
    assert metres_between(shifted, (116.403672, 39.910634)) < 2


def test_abroad_nothing_is_shifted():
    assert to_gcj02(2.35, 48.85) == to_wgs84(2.35, 48.85) == (2.35, 48.85)
