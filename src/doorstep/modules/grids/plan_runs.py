"""The job that computes a plan. It can be cut off at any point and run again: it then goes on from the newest version, with the
same seed, for the time that was left.

One job of a plan at a time: the job holds an advisory lock on a connection of its own, which the database lets go of however
the process ends.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connections, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused
from doorstep.modules.grids import instances
from doorstep.modules.grids.models import GridPlan, PlanVersion
from doorstep.modules.grids.plan_rows import add_version
from doorstep.modules.grids.plan_staffing import designed

if TYPE_CHECKING:
    from doorstep.planning.grids import Plan

logger = logging.getLogger(__name__)
LOCKS = 7_302  # first number of our advisory locks
WAIT_MS = 15_000  # for a predecessor's connection that the database has not yet given up
EVERY = 1.0  # seconds between what is written
BOUNDED = 20_000  # buildings of a plan whose bounds are computed: about a second for each thousand


class Overtaken(Exception):
    """The plan was dropped, or another job is at it."""


def run_plan(plan_id: int, rounds: int | None = None) -> None:
    """Compute the plan as its state asks. Called by the task; calling it twice does no harm. `rounds`: after so many it ends,
    with the same plan on every machine."""
    with alone(plan_id) as ours:
        if not ours:
            return
        plan = GridPlan.objects.filter(pk=plan_id, state__in=("waiting", "running")).first()
        if plan is None:
            return
        try:
            _compute(plan, rounds)
        except Overtaken:
            return
        except Refused as refused:
            _end(plan_id, str(refused.message))
        except Exception:
            logger.exception("plan %s stopped", plan_id)
            _end(plan_id, _("平台出错，计算中断。已得到的方案保留，可以继续计算。"))


@contextlib.contextmanager
def alone(plan_id: int, wait: int = WAIT_MS) -> Iterator[bool]:
    """Hold the plan against other jobs; gives False where another one has it for longer than `wait` milliseconds."""
    own = connections.create_connection("default")
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{wait}ms"])
            try:
                cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCKS, plan_id % (1 << 31)])
            except DatabaseError:
                yield False
                return
        yield True
    finally:
        own.close()


def _compute(plan: GridPlan, rounds: int | None) -> None:
    from doorstep.planning.errors import Refused as CannotBe
    from doorstep.planning.grids import grids, warm

    ground = instances.ground_of(plan)
    warm()
    run = Run(plan, ground)
    run.begin()
    if plan.with_staff:
        designed_grids, workers = designed(plan, ground, run.left, run.should_stop)
        run.finish(designed_grids, workers)
        return
    try:
        found = grids(
            ground.instance, seconds=run.left, seed=plan.seed, rounds=rounds, start=run.start, on_better=run.better,
            should_stop=run.should_stop,
        )  # fmt: skip
    except CannotBe as refused:
        raise Refused(ground.in_words(refused)) from refused
    run.finish(found)


class Run:
    """One run of a plan: what it writes while it goes, at most once a second."""

    def __init__(self, plan: GridPlan, ground: instances.Ground) -> None:
        self.plan, self.ground = plan, ground
        self.version: PlanVersion | None = None
        self.start: Plan | None = None
        self.left = float(plan.seconds)
        self.begun_share = 0.0
        self.started = self.told = time.monotonic()
        self.asked = 0.0  # a stop asked while it waited is obeyed at once
        self.stopping = False

    def begin(self) -> None:
        """From the newest version; a run that was cut off has only the rest of its time."""
        with transaction.atomic():
            plan = self._held()
            current = plan.current
            cut_off = plan.state == "running"
            plan.state = "running"
            if not cut_off:
                plan.share = 0.0
            plan.save(update_fields=["state", "share"])
            self.begun_share = plan.share
            self.left = max(1.0, plan.seconds * (1.0 - plan.share))
            self.started = time.monotonic()
            if current is not None and current.kind != "today":
                self.start = self.ground.plan(current.labels)
            if cut_off and current is not None and current.kind == "better":
                self.version = current

    def better(self, found: Plan, share: float) -> None:
        """Planning found something better."""
        if time.monotonic() - self.told >= EVERY:
            self._write(found, "better")

    def should_stop(self) -> bool:
        """Whether somebody asked to stop or gave the plan up; asks, and tells how far it is, once a second."""
        if not self.stopping and time.monotonic() - self.asked >= EVERY:
            self.asked = time.monotonic()
            row = GridPlan.objects.filter(pk=self.plan.pk).values_list("state", "stop_asked").first()
            self.stopping = row is None or row[0] != "running" or row[1]
            if not self.stopping:
                GridPlan.objects.filter(pk=self.plan.pk, state="running").update(share=self.share)
        return self.stopping

    @property
    def share(self) -> float:
        """How much of the whole run is done, by time; a run that was cut off counts from where it was."""
        own = min(1.0, (time.monotonic() - self.started) / self.left)
        return min(1.0, self.begun_share + own * (1.0 - self.begun_share))

    def finish(self, found: Plan, workers: dict[str, int] | None = None) -> None:
        """The result, and who is to work which grid where it was drawn around them; its bounds follow when they are computed, some
        seconds later for a whole district."""
        labels = found.grids.tolist()
        figures = instances.figures_of(self.ground, labels)
        with transaction.atomic():
            plan = self._held()
            self._keep(plan, "run", labels, figures)
            plan.state, plan.share, plan.stop_asked, plan.error = "ready", 1.0, False, ""
            plan.workers = plan.workers if workers is None else workers
            plan.lock_version += 1
            plan.save(update_fields=["state", "share", "stop_asked", "error", "workers", "lock_version"])
        if self.version is not None and len(labels) <= BOUNDED:
            own = PlanVersion.objects.filter(pk=self.version.pk, kind="run")
            own.update(bounds=self._bounds(found), at=clock.now())

    def _write(self, found: Plan, kind: str) -> None:
        labels = found.grids.tolist()
        figures = instances.figures_of(self.ground, labels)
        with transaction.atomic():
            plan = self._held()
            self._keep(plan, kind, labels, figures)
            plan.share = self.share
            plan.save(update_fields=["share"])
        self.told = time.monotonic()

    def _held(self) -> GridPlan:
        plan = (
            GridPlan.objects.select_for_update(no_key=True, of=("self",))
            .select_related("current")
            .filter(pk=self.plan.pk, state__in=("waiting", "running"))
            .first()
        )
        if plan is None:
            raise Overtaken
        return plan

    def _keep(self, plan: GridPlan, kind: str, labels: list[Any], figures: dict[str, Any]) -> None:
        """The run's one version: made at first, written over afterwards."""
        if self.version is None:
            self.version = add_version(plan, kind, plan.made_by, labels=labels, figures=figures)
            return
        PlanVersion.objects.filter(pk=self.version.pk).update(
            kind=kind, labels=labels, figures=figures, bounds=None, at=clock.now()
        )

    def _bounds(self, found: Plan) -> dict[str, Any]:
        from doorstep.planning.grids import bounds

        return asdict(bounds(self.ground.instance, found, quick=True))


def _end(plan_id: int, error: str) -> None:
    """The run is over without a result; the newest version stays."""
    GridPlan.objects.filter(pk=plan_id, state__in=("waiting", "running")).update(
        state="ready", error=error[:400], share=1.0, stop_asked=False, lock_version=F("lock_version") + 1
    )


def carry_on() -> int:
    """Ask again for the plans that wait and whose job is nowhere: lost with its worker, or given up. Returns how many."""
    from django_tasks_db.models import DBTaskResult

    from doorstep.modules.grids.tasks import run_plan as job

    asked = 0
    queued = DBTaskResult.objects.filter(task_path=job.module_path, status__in=("READY", "RUNNING"))
    present = {row.args_kwargs["args"][0] for row in queued}
    for plan_id in GridPlan.objects.filter(state__in=("waiting", "running")).values_list("pk", flat=True):
        if plan_id not in present:
            job.enqueue(plan_id)
            asked += 1
    return asked
