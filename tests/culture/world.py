"""Events in the small district of the grids' tests: what is usually planned, held, paid for."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from doorstep.kernel.activities.models import Session
from doorstep.kernel.activities.services_past import PastSession
from doorstep.kernel.shared import clock
from doorstep.modules.culture import services, services_money
from doorstep.modules.culture.models import Event, Purse
from doorstep.modules.culture.services import NewActivity, NewEvent, NewSession
from doorstep.modules.culture.services_past import PastEvent, bring_events
from tests.grids.world import ONE, STREET, SYSTEM, TODAY, TWO, World, build

__all__ = ["ONE", "STREET", "SYSTEM", "TODAY", "TWO", "World", "build"]

DAY = dt.timedelta(days=1)


def at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), clock.DISTRICT_ZONE)


def activity(world: World, **changed: Any) -> NewActivity:
    given = {
        "kind": "event", "category": "feast", "place_code": ONE, "organiser_id": world.committees[ONE].pk,
        "title": "演示百家宴", "where": "演示广场", "by_sign_up": False,
    }  # fmt: skip
    return NewActivity(**(given | changed))


def new_event(
    world: World, *, day: dt.date = TODAY + DAY, own: dict[str, Any] | None = None, **changed: Any
) -> NewEvent:
    times = [NewSession(starts_at=at(day, 9), ends_at=at(day, 11))]
    return NewEvent(activity=activity(world, **changed), sessions=times, **(own or {}))


def plan(world: World, who: str = "secretary", **changed: Any) -> Event:
    return services.plan_event(actor=world.actor(who), new=new_event(world, **changed), key=uuid.uuid4())


def planned_session(world: World, **changed: Any) -> Session:
    return Session.objects.get(activity=plan(world, **changed).activity_id)


def past(world: World, *, day: dt.date = TODAY - DAY, head_count: int = 80, **more: Any) -> PastEvent:
    names = ("series_id", "compound_id", "hosts", "programme", "costs", "feedback")
    own = {name: more.pop(name) for name in names if name in more}
    present, key = more.pop("present", ()), more.pop("key", uuid.uuid4())
    case = PastSession(
        key=key, new=activity(world, **more), starts_at=at(day, 9), ends_at=at(day, 11), present=present,
        head_count=head_count, confirmed_by_id=world.people["secretary"].pk,
    )  # fmt: skip
    return PastEvent(session=case, **own)


def held(world: World, **more: Any) -> Session:
    """One that was held and confirmed."""
    event = past(world, **more)
    return bring_events(actor=SYSTEM, events=[event])[event.session.key]


def purse(
    world: World, fen: int = 0, *, place: str = ONE, who: str = "street", name: str = "演示文化经费"
) -> Purse:
    made = services_money.open_purse(
        actor=world.actor(who), place_code=place, name=name, valid_from=dt.date(2026, 1, 1)
    )
    if fen:
        services_money.grant(
            actor=world.actor(who), purse_id=made.pk, fen=fen, source="区财政", document="演财〔2026〕1号",
            day=dt.date(2026, 1, 5),
        )  # fmt: skip
    return made
