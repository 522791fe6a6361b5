"""A unit's own pages of what it is told of: projects and responsibilities it has a part in, resolutions, nominations, claimed needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Model, Q
from django.urls import reverse

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.own_pages import declare_own_pages
from doorstep.modules.partnership.models import Nomination, Resolution
from doorstep.modules.partnership.models_lists import Need, Project, Responsibility
from doorstep.modules.partnership.policies import acting_units


def _of_units(model: type[Model], page: str, *ways: str) -> None:
    """Rows that one of these `ways` leads from to a unit of the reader's."""

    def found(actor: Actor, numbers: Sequence[int]) -> Mapping[int, str]:
        units = acting_units(actor)
        if not units:
            return {}
        mine = Q(pk__in=[])
        for way in ways:
            mine |= Q(**{f"{way}__in": units})
        rows = model._default_manager.filter(mine, pk__in=numbers).values_list("pk", flat=True)
        return {pk: reverse(f"partnership:{page}", args=[pk]) for pk in rows}

    declare_own_pages(model._meta.model_name or "", found)


_of_units(Project, "unit_project", "unit", "others__unit", "responsibilities__unit")
_of_units(Responsibility, "unit_duty", "unit")
_of_units(Resolution, "own_resolution", "unit")
_of_units(Nomination, "nomination", "unit")
_of_units(Need, "unit_needed", "claims__unit")
