"""The demo district's two years of requests as background work: a job for each month, behind all other work, each
asking for the next. The server answers all the while; what was cut off goes on with the next start. And one plan of grids."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django_tasks import task
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.authority.demo_cast import tell_loading
from doorstep.kernel.shared.queues import LONG

from . import meetings, street_plan
from .lists import cast_life as lists_cast
from .lists import past as lists
from .newfield import load as newfield
from .partners import cast_life as partners_cast
from .partners import past as partners
from .requests import cast_life, past
from .vanguard import past as vanguard
from .volunteering import cast_life as volunteering_cast
from .volunteering import past as volunteering

BEHIND_OTHERS = -50
TRIES = 5  # a month that cannot be brought in is not tried for ever


@task(priority=BEHIND_OTHERS)
def load_requests() -> None:
    """What the cast has in hand first; then bring in the oldest month that waits, and ask for the next; after the last, draw the sample for call-backs."""
    cast_life.play(past.demo_day())
    standing = past.standing()
    if standing.waiting:
        month = standing.waiting[0]
        brought = past.load_month(month)
        standing = past.standing()
        if month in standing.waiting:
            raise RuntimeError(f"{month.name} of the demo district is not whole: {brought.problems[:3]}")
        _say(month.name, standing)
    if standing.waiting:
        load_requests.enqueue()
    else:
        past.finish()


@task(priority=BEHIND_OTHERS)
def load_volunteering() -> None:
    """What the cast has in hand of volunteering, then the oldest month that waits; asks for the next."""
    standing = volunteering.standing()
    if standing.waiting:
        volunteering.set_up(system_actor(past.LOADING), past.demo_day())
        volunteering_cast.play(past.demo_day())
        month = standing.waiting[0]
        volunteering.load_month(month)
        standing = volunteering.standing()
        if month in standing.waiting:
            raise RuntimeError(f"{month.name} of the demo district's volunteering is not whole")
        _say(month.name, standing, "志愿服务", "services")
    if standing.waiting:
        load_volunteering.enqueue()


@task(priority=BEHIND_OTHERS, queue_name=LONG)
def plan_a_street() -> None:
    """A plan of grids to look at."""
    street_plan.make()


@task(priority=BEHIND_OTHERS)
def load_meetings() -> None:
    """Two years of meetings, at once."""
    number = meetings.load()
    print(f"演示会议记录：{number:,} 份已装入  |  demo meetings: {number:,} are in", flush=True)


@task(priority=BEHIND_OTHERS)
def load_vanguard() -> None:
    """Posts, areas, projects, members and what they did in two years, at once."""
    number = vanguard.load()
    print(f"演示党员先锋：{number:,} 件心愿已装入  |  demo vanguard: {number:,} wishes are in", flush=True)


def ask_for_vanguard() -> None:
    """Called by the scheduler: where the demo district's vanguard is not whole, ask for it."""
    _ask_where_missing(vanguard.is_missing, load_vanguard)


@task(priority=BEHIND_OTHERS)
def load_partners() -> None:
    """Partner units, commissioners, meetings, activities and pairings of two years; and what the cast has in hand of them."""
    partners_cast.play(past.demo_day())
    number = partners.load()
    print(f"演示共建单位：{number:,} 家已装入  |  demo partners: {number:,} units are in", flush=True)


def ask_for_partners() -> None:
    """Called by the scheduler: where the demo district has no partner units yet, ask for them."""
    _ask_where_missing(partners.is_missing, load_partners)


@task(priority=BEHIND_OTHERS)
def load_newfield() -> None:
    """Organisations of the new economy, who covers and visits them, communities' pages and assistance, at once."""
    number = newfield.load()
    print(f"演示新兴领域：走访 {number:,} 次已装入  |  demo coverage: {number:,} visits are in", flush=True)


def ask_for_newfield() -> None:
    """Called by the scheduler: where the demo district has no organisations of the new economy yet, and its meetings are in."""
    _ask_where_missing(lambda: newfield.is_missing() and newfield.is_ready(), load_newfield)


@task(priority=BEHIND_OTHERS)
def load_lists() -> None:
    """Two years of needs, resources, projects and responsibilities, at once."""
    lists_cast.play(past.demo_day())
    number = lists.load()
    print(f"演示四个清单：{number:,} 个项目已装入  |  demo lists: {number:,} projects are in", flush=True)


def ask_for_lists() -> None:
    """Called by the scheduler: where the demo district has its partner units and no lists yet, ask for them."""
    _ask_where_missing(lists.is_missing, load_lists)


def ask_for_meetings() -> None:
    """Called by the scheduler: where the demo district has no meetings yet, ask for them."""
    _ask_where_missing(meetings.is_missing, load_meetings)


def ask_for_a_plan() -> None:
    """Called by the scheduler: where the demo district has no plan of its street, and nobody is at it, ask for it."""
    _ask_where_missing(street_plan.is_missing, plan_a_street)


def _ask_where_missing(is_missing: Callable[[], bool], job: Task[..., None]) -> None:
    """In the demo district alone."""
    if not settings.DEMO:
        return
    try:
        past.demo_day()
    except past.NotTheDemo:
        return
    if is_missing():
        _ask_once(job)


def _ask_once(job: Task[..., None]) -> None:
    """Unless it is asked for already, or was given up."""
    ours = DBTaskResult.objects.filter(task_path=job.module_path)
    if ours.filter(status__in=("READY", "RUNNING")).exists() or ours.filter(status="FAILED").count() >= TRIES:
        return
    job.enqueue()


def carry_on() -> None:
    """Called by the scheduler: where months wait and no job is at it, or was given up, ask for one; volunteering after the
    requests."""
    if not settings.DEMO:
        return
    try:
        waiting = past.standing().waiting
    except past.NotTheDemo:
        return
    job = load_requests if waiting else load_volunteering
    if job is load_volunteering and not volunteering.standing().waiting:
        return
    _ask_once(job)


def tell_what_is_in() -> None:
    """Called by the scheduler: how many parts of the demo district are in, for the page that one enters it by."""
    if not settings.DEMO:
        return
    try:
        waits = [
            bool(past.standing().waiting), bool(volunteering.standing().waiting), partners.is_missing(),
            partners.is_missing() or lists.is_missing(), meetings.is_missing(), newfield.is_missing(),
            vanguard.is_missing(),
        ]  # fmt: skip
    except past.NotTheDemo:
        return
    tell_loading(waits.count(False), len(waits))


def _say(
    month: str,
    standing: past.Standing | volunteering.Standing,
    what: str = "诉求",
    in_english: str = "requests",
) -> None:
    done, total = f"{standing.done:,}", f"{standing.total:,}"
    print(
        f"演示{what}：{month} 已装入，{done} / {total}  |  demo {in_english}: {done} of {total}", flush=True
    )
    if not standing.waiting:
        print(f"演示{what}全部装入  |  all demo {in_english} are in", flush=True)
