"""What was asked is signed as the same bytes whoever writes them: by hand for each booking, by the encoder before."""

import json

from hypothesis import given
from hypothesis import strategies as st

from doorstep.kernel.ledger.canonical import asked_bytes

numbers = st.integers(1, 2**62)
lines = st.lists(st.tuples(numbers, numbers, numbers, st.none() | st.dates()), min_size=1, max_size=3)


@given(
    words=st.tuples(*[st.text(st.characters(exclude_categories=["Cs"]), max_size=60)] * 4), key=st.uuids(),
    day=st.dates(), reverses=st.none() | numbers, moves=lines,
)  # fmt: skip
def test_the_bytes_are_those_of_the_encoder(words, key, day, reverses, moves):
    book, kind, place, about = words
    whole = [
        book, key.hex, kind, day.isoformat(), place, about, reverses,
        [[d, c, x, None if end is None else end.isoformat()] for d, c, x, end in moves],
    ]  # fmt: skip
    plain = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
    assert asked_bytes(book, key, kind, day, place, about, reverses, moves) == plain
