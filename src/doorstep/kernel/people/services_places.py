"""Where persons are served, when the grid they were served in has ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from django.db import transaction

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import Grid, GridLineage
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import LENGTHS

BATCH = 1000


@transaction.atomic
def people_follow_grids(*, actor: Actor, homes: Mapping[int, str] | None = None) -> int:
    """Persons served in a grid that has ended are served in its successor; where it has several, in the grid that
    `homes` knows of the person among them, else in the community until somebody says which. Returns how many."""
    ended = Grid.objects.filter(valid_to__lte=clock.today()).values("code")
    successors: dict[str, set[str]] = defaultdict(set)
    for before, after in GridLineage.objects.filter(before__code__in=ended).values_list(
        "before__code", "after__code"
    ):
        successors[before].add(after)
    rows = list(
        Person.objects.select_for_update(no_key=True).filter(place_code__in=list(successors)).order_by("pk")
    )
    acts = []
    for row in rows:
        before, row.place_code = row.place_code, _after(row.place_code, successors, (homes or {}).get(row.pk))
        changes = {"place_code": [before, row.place_code]}
        acts.append(Act("people.followed_grids", row, row.place_code, changes, person_ref=row.pk))
    Person.objects.bulk_update(rows, ["place_code"], batch_size=BATCH)
    record_many(actor, acts)
    return len(rows)


def _after(code: str, successors: Mapping[str, set[str]], home: str | None) -> str:
    while following := successors.get(code):
        if home in following:
            return str(home)
        if len(following) > 1:
            return code[: LENGTHS["community"]]
        (code,) = following
    return code
