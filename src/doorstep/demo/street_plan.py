"""A plan of grids to look at in the studio: one street of the demo district, one grid more where work is heaviest, one fewer
where it is lightest. Made by the services, computed by a number of rounds, so that it is the same on every machine."""

from __future__ import annotations

from collections import Counter

from django.db import transaction

from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.shared import clock
from doorstep.modules.grids import instances, plan_runs
from doorstep.modules.grids.models import GridPlan
from doorstep.modules.grids.services_plans import PlanData, create_plan

STREET, OFFICER = "210202005", "street"
TITLE = "人民路街道网格调整方案"
SEED, ROUNDS = 730, 4
SECONDS = 60  # at most; the rounds take two or three
FEWEST = 4  # a community with fewer grids gives none away


def is_missing() -> bool:
    """Whether nobody made it yet; one that was given up is not made again."""
    return not GridPlan.objects.filter(place_code=STREET, title=TITLE).exists()


@transaction.atomic
def make() -> GridPlan | None:
    """The plan, ready; None where it is there already, or nobody of the cast could make it."""
    account = Account.objects.filter(username=OFFICER, is_demo=True).first()
    if account is None or not is_missing():
        return None
    data = PlanData(place_code=STREET, title=TITLE, asked=_asked(), seconds=SECONDS, seed=SEED)
    plan = create_plan(actor=actor_for(account), data=data)
    plan_runs.run_plan(plan.pk, rounds=ROUNDS)
    plan.refresh_from_db()
    return plan


def _asked() -> dict[str, int]:
    """Grids by community: one more where a grid has most households, one fewer where it has fewest."""
    houses = instances.houses_of(STREET, clock.today())
    asked = instances.grids_today(houses)
    households = Counter[str]()
    for house in houses:
        households[house.community] += house.households
    by_load = sorted(asked, key=lambda code: (households[code] / asked[code], code))
    lightest = next((code for code in by_load if asked[code] >= FEWEST), None)
    asked[by_load[-1]] += 1
    if lightest is not None and lightest != by_load[-1]:
        asked[lightest] -= 1
    return asked
