"""Rows that are made with every report or booking, in the way the framework makes them fastest."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import models


class QuickRow(models.Model):
    """A model whose rows are made from named values as quickly as the framework makes those it reads: it is given them in
    the order of the columns, and need not look each one up by its name. That a related row is of the right model is not asked."""

    class Meta:
        abstract = True

    def __init__(self, *values: Any, **named: Any) -> None:
        order = _order_of(type(self)) if named and not values else None
        if order is None or not named.keys() <= order.known:
            super().__init__(*values, **named)  # also `pk`, a property, a wrong name: the framework knows
            return
        whole = order.usual | named
        for name, make in order.made:
            if name not in named:
                whole[name] = make()
        related = [(order.relations[name], named[name]) for name in named if name in order.relations]
        for field, other in related:
            whole[field.attname] = None if other is None else other.pk
        super().__init__(*order.values_of(whole))
        for field, other in related:  # the row itself is kept beside its number
            if field.one_to_one:  # which the other knows, too
                setattr(self, field.name, other)
            else:
                field.set_cached_value(self, other)


class _Order(NamedTuple):
    """The columns in their order, what each holds where nothing is said, or what makes it; and the relations to other rows."""

    values_of: itemgetter[Any]
    usual: dict[str, Any]
    made: tuple[tuple[str, Callable[[], Any]], ...]
    relations: dict[str, models.ForeignKey[Any, Any]]
    known: frozenset[str]


@cache
def _order_of(model: type[models.Model]) -> _Order:
    columns = model._meta.concrete_fields
    given = [field for field in columns if not field.generated]
    relations = {field.name: field for field in given if isinstance(field, models.ForeignKey)}
    return _Order(
        itemgetter(*(field.attname for field in columns)),
        {field.attname: models.DEFERRED if field.generated else _constant(field) for field in columns},
        tuple((field.attname, field.get_default) for field in given if _is_made(field)),
        relations,
        frozenset(relations) | {field.attname for field in given},
    )


def _is_made(field: models.Field[Any, Any]) -> bool:
    return field.has_db_default() or callable(field.default)


def _constant(field: models.Field[Any, Any]) -> Any:
    return None if _is_made(field) else field.get_default()
