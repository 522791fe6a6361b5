"""The figures of groups, counted from the instance alone, with what no grouping can beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from doorstep.planning.errors import Refused
from doorstep.planning.forms import Ints, Name
from doorstep.planning.grids.connection import broken_groups, pieces_inside
from doorstep.planning.groups.instance import Instance


@dataclass(frozen=True)
class BranchFigures:
    """`largest` members of a group; with as many groups in each piece no division has a largest one below `least`."""

    branch: Name
    groups: int
    under: int
    smallest: int
    largest: int
    least: int


@dataclass(frozen=True)
class Figures:
    """`under`: groups below the minimum, of which `unavoidable` are whole pieces too small; `pins_broken`: pins not kept; `largest_to_mean`: largest ÷ mean group of a
    branch, averaged over branches, `least_to_mean` the bound on it, `gap` between both."""

    groups: int
    under: int
    unavoidable: int
    broken: int
    crossing: int
    pins_broken: int
    largest_to_mean: float
    least_to_mean: float
    gap: float
    branches: tuple[BranchFigures, ...]


def figures(instance: Instance, group: Ints) -> Figures:
    """Of these group numbers, one for each building. Refused when there are not as many as buildings."""
    group = np.asarray(group)
    if group.shape != instance.members.shape:
        raise Refused(f"应给{len(instance.members)}栋楼各一个组号，现在有{group.size}个，请核对。")
    label = np.unique(group, return_inverse=True)[1]
    size = np.bincount(label, weights=instance.members).astype(np.int64)
    homes = np.unique(np.stack([label, instance.branch], axis=1), axis=0)
    piece = pieces_inside(instance.branch, instance.edges)
    least = _least(instance, label, piece)
    branches = tuple(
        _of_branch(instance, branch, size[homes[homes[:, 1] == branch, 0]], int(least[branch]))
        for branch in range(len(instance.branches))
    )
    means = np.bincount(instance.branch, weights=instance.members) / np.array(
        [one.groups for one in branches]
    )
    some = means > 0
    largest = np.array([one.largest for one in branches])[some] / means[some]
    bound = least[some] / means[some]
    whole = np.bincount(piece, weights=instance.members)
    return Figures(
        groups=len(size),
        under=int((size < instance.minimum).sum()),
        unavoidable=int((whole < instance.minimum).sum()),
        broken=len(broken_groups(label, instance.edges)),
        crossing=int((np.bincount(homes[:, 0]) > 1).sum()),
        pins_broken=instance.pins.broken(label),
        largest_to_mean=float(largest.mean()) if some.any() else 1.0,
        least_to_mean=float(bound.mean()) if some.any() else 1.0,
        gap=float((largest - bound).mean()) if some.any() else 0.0,
        branches=branches,
    )


def _least(instance: Instance, label: Ints, piece: Ints) -> Ints:
    """Of each branch: the greatest of its fullest building and each piece's members ÷ its groups, rounded up."""
    least = np.zeros(len(instance.branches), dtype=np.int64)
    np.maximum.at(least, instance.branch, instance.members)
    members = np.bincount(piece, weights=instance.members).astype(np.int64)
    both = np.unique(np.stack([piece, label], axis=1), axis=0)
    parts = np.bincount(both[:, 0])
    home = np.empty(len(members), dtype=np.int64)
    home[piece] = instance.branch
    np.maximum.at(least, home, -(-members // parts))
    return least


def _of_branch(instance: Instance, branch: int, size: Ints, least: int) -> BranchFigures:
    return BranchFigures(
        instance.branches[branch],
        len(size),
        int((size < instance.minimum).sum()),
        int(size.min()),
        int(size.max()),
        least,
    )
