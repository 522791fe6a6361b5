"""`doorstep manage load_demo`: the demo district and the training district into an empty database."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext_noop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from doorstep.demo.district import district_plan
from doorstep.demo.geography import draw
from doorstep.demo.loading import Loading
from doorstep.demo.patterns import demo_district, training_district
from doorstep.demo.training import training_plan
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.shared import clock


class Command(BaseCommand):
    help = "Load the demo district and the training district, their dates running back from today."

    def handle(self, *args: Any, **options: Any) -> None:
        if Account.objects.filter(is_demo=True).exists():
            self.stdout.write(
                "演示城区已经装入，未作改动。 / The demo district is here already; nothing was changed."
            )
            return
        if Unit.objects.exists():
            raise CommandError(
                "数据库中已有其他单位，演示城区只能装入空的数据库。 / The demo district goes into an empty database only."
            )
        load(Console(file=self.stdout))  # type: ignore[arg-type]  # Django's wrapper writes like a file


def load(console: Console) -> None:
    """Everything or nothing, in one transaction, with a bar of how far it is."""
    today = clock.today()
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("绘制示意地图", total=None)
        loadings = []
        for pattern, plan_of in ((demo_district(), district_plan), (training_district(), training_plan)):
            geography = draw(pattern)
            loadings.append(
                Loading(system_actor(gettext_noop("演示数据装载")), geography, plan_of(geography, today)[0])
            )
        steps = [step for loading in loadings for step in loading.steps]
        progress.update(bar, total=len(steps))
        with transaction.atomic():
            for label, step in steps:
                progress.update(bar, description=label)
                step()
                progress.advance(bar)
        progress.update(bar, description="演示城区和练习区已装入")
