"""Chinese first, English complete beside it."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext

from doorstep.launch import catalogue


def test_english_has_no_gap() -> None:
    assert list(catalogue.gaps()) == []


def test_a_gap_would_be_found(monkeypatch) -> None:  # type: ignore[no-untyped-def]  # pytest's own type
    whole = catalogue.english()
    some = next(message.id for message in whole if message.id and isinstance(message.id, str))
    whole.delete(some)
    monkeypatch.setattr(catalogue, "english", lambda: whole)
    assert any(repr(some) in gap for gap in catalogue.gaps())


def test_the_compiled_catalogue_is_used() -> None:
    catalogue.compile_catalogue()
    with translation.override("en"):
        assert gettext("网格党支部") == "Grid Party branch"
    with translation.override("zh-hans"):
        assert gettext("网格党支部") == "网格党支部"
