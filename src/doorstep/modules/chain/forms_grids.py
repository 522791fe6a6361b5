"""The form of a grid adjustment: names and buildings of the parts, or the grids to merge; who takes over what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.places.models import Building, Grid
from doorstep.modules.chain.forms import ChainForm, Choices, day, numbered
from doorstep.modules.chain.grid_adjustments import GridAdjustment, GridPart

LONGEST_NAME = 40


class GridForm(ChainForm):
    """What both kinds ask, and what the preview was made from."""

    versions = forms.CharField(widget=forms.HiddenInput, required=False)
    grid_versions = forms.CharField(widget=forms.HiddenInput, required=False)
    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    document = forms.CharField(label=_("文号"), max_length=80, help_text=_("批准这次调整的文件。"))

    def __init__(self, grid: Grid, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.grid = grid
        self.fields["effective_on"] = day(_("生效日期"), _("从这一天起按新的网格；可以是将来的一天。"))

    def _bound(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names]

    @property
    def papers(self) -> list[forms.BoundField]:
        return self._bound("effective_on", "document")

    @property
    def hidden(self) -> list[forms.BoundField]:
        return self._bound("versions", "grid_versions", "shown")

    def _common(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "effective_on": data["effective_on"], "document": data["document"],
            "expected": numbered(data["versions"]), "expected_grids": numbered(data["grid_versions"]),
        }  # fmt: skip


class SplitForm(GridForm):
    """A name for each part, a part for each building, and for each grid worker the parts taken over."""

    def __init__(
        self, grid: Grid, buildings: Sequence[Building], workers: Sequence[Appointment], others: Choices, parts: int,
        *args: Any, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(grid, *args, **kwargs)
        self.parts, self.held, self.taking = parts, list(buildings), list(workers)
        self.choices = [(str(n), gettext("第 {n} 部分").format(n=n + 1)) for n in range(parts)]
        for number in range(parts):
            self.fields[f"name_{number}"] = forms.CharField(
                label=gettext("第 {n} 部分的名称").format(n=number + 1), max_length=LONGEST_NAME
            )
        for building, part in zip(self.held, self._from_west(), strict=True):
            self.fields[f"building_{building.pk}"] = forms.ChoiceField(
                label=building.name, choices=self.choices, initial=str(part)
            )
        for row in self.taking:
            self.fields[f"worker_{row.pk}"] = forms.MultipleChoiceField(
                label=f"{row.get_post_display()} {row.person.name}", choices=self.choices, required=False,
                initial=[key for key, _words in self.choices], widget=forms.CheckboxSelectMultiple,
            )  # fmt: skip

        if others:
            for number in range(parts):
                self.fields[f"taker_{number}"] = _taker(
                    gettext("第 {n} 部分交给").format(n=number + 1), others, gettext("照上面勾选的")
                )

    @property
    def takers(self) -> list[forms.BoundField]:
        return self._bound(*(name for name in self.fields if name.startswith("taker_")))

    def _from_west(self) -> list[int]:
        """A first proposal: equal numbers from west to east, as grids are numbered."""
        order = sorted(range(len(self.held)), key=lambda i: (self.held[i].longitude, -self.held[i].latitude))
        part = [0] * len(self.held)
        for rank, index in enumerate(order):
            part[index] = rank * self.parts // max(len(self.held), 1)
        return part

    @property
    def names(self) -> list[forms.BoundField]:
        return self._bound(*(f"name_{number}" for number in range(self.parts)))

    @property
    def buildings(self) -> list[forms.BoundField]:
        return self._bound(*(f"building_{building.pk}" for building in self.held))

    @property
    def workers(self) -> list[forms.BoundField]:
        return self._bound(*(f"worker_{row.pk}" for row in self.taking))

    @property
    def adjustment(self) -> GridAdjustment:
        data = self.cleaned_data
        return GridAdjustment(
            kind="split", grids=(self.grid.code,),
            parts=tuple(
                GridPart(
                    data[f"name_{number}"],
                    tuple(row.pk for row in self.held if data[f"building_{row.pk}"] == str(number)),
                )
                for number in range(self.parts)
            ),
            workers={row.pk: tuple(int(part) for part in data[f"worker_{row.pk}"]) for row in self.taking},
            takers={
                number: data[f"taker_{number}"] for number in range(self.parts) if data.get(f"taker_{number}")
            },
            **self._common(),
        )  # fmt: skip


class MergeForm(GridForm):
    """Which grids of the community go into one with this, and its name."""

    def __init__(
        self, grid: Grid, others: Sequence[Grid], workers: Choices, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(grid, *args, **kwargs)
        self.fields["name"] = forms.CharField(label=_("合并后的名称"), max_length=LONGEST_NAME)
        self.fields["grids"] = forms.MultipleChoiceField(
            label=_("与哪些网格合并"), choices=[(other.code, f"{other.name}（{other.code}）") for other in others],
            widget=forms.CheckboxSelectMultiple,
        )  # fmt: skip
        if workers:
            self.fields["taker_0"] = _taker(_("合并后由谁管"), workers, _("原来的网格员都管"))

    @property
    def names(self) -> list[forms.BoundField]:
        return self._bound("grids", "name", *(["taker_0"] if "taker_0" in self.fields else []))

    @cached_property
    def adjustment(self) -> GridAdjustment:
        grids = (self.grid.code, *self.cleaned_data["grids"])
        taker = self.cleaned_data.get("taker_0")
        return GridAdjustment(
            kind="merge", grids=grids, name=self.cleaned_data["name"], takers={0: taker} if taker else {}, **self._common()
        )  # fmt: skip


def _taker(label: Any, workers: Choices, nobody: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=[("", nobody), *workers], required=False, coerce=int, empty_value=None,
        help_text=_("没有办结的事随网格移交给接手的人，期限不变。"),
    )  # fmt: skip


def written(versions: Mapping[int, int]) -> str:
    """Versions as the form carries them, "id:version,…"."""
    return ",".join(f"{pk}:{version}" for pk, version in versions.items())
