"""Rows made quickly are the rows the framework makes."""

import datetime as dt

import pytest
from django.db import models

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters.models import History, Matter
from doorstep.kernel.matters.models_deadlines import Deadline
from doorstep.kernel.matters.models_messages import Notice
from doorstep.modules.requests.models import Request

NOW = dt.datetime(2026, 6, 15, 4, tzinfo=dt.UTC)


def _by_framework(model: type[models.Model], **named):
    """As a model without our way of making it is made."""
    row = model.__new__(model)
    models.Model.__init__(row, **named)
    return row


def _columns(row: models.Model) -> dict[str, object]:
    """What it holds; keys and moments that are made anew each time aside."""
    made = {field.attname for field in row._meta.concrete_fields if callable(field.default)}
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname in row.__dict__ and field.attname not in made
    }


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (
            Matter,
            {"kind": "request", "title": "楼道灯不亮", "bigrams": ["楼道"], "place_code": "210202005011"},
        ),
        (History, {"number": 1, "name": "open", "at": NOW, "data": {"a": 1}}),
        (Deadline, {"clock": "respond", "started_at": NOW, "due_at": NOW}),
        (Notice, {"person_id": 3, "key": "open", "at": NOW}),
        (Request, {"item_from": "chosen", "for_whom": "某某"}),
        (Entry, {"action": "x", "target": "y", "at": NOW}),
    ],
)
def test_it_holds_what_the_framework_gives_it(model, named):
    quick, usual = model(**named), _by_framework(model, **named)
    assert _columns(quick) == _columns(usual)
    assert quick.get_deferred_fields() == usual.get_deferred_fields()
    assert quick._state.adding and quick._state.db is None


def test_what_is_made_anew_is_made_for_each():
    assert Matter().key != Matter(kind="request").key != Matter(kind="request").key
    one, other = History(name="open"), History(name="open")
    assert one.data == {} and one.data is not other.data


def test_a_row_it_names_is_kept_with_its_number():
    matter = Matter(pk=7, kind="request")
    row = History(matter=matter, name="open", holder=None)
    assert row.matter is matter and (row.matter_id, row.holder_id, row.holder) == (7, None, None)
    request = Request(matter=matter)
    assert request.matter is matter and matter.request is request


def test_what_is_no_column_is_the_framework_s():
    assert Matter(pk=5).id == 5
    with pytest.raises(TypeError, match="nonsense"):
        Matter(nonsense=1)
