"""A division made to keep its pins, with as little of it divided anew as will do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from doorstep.planning.errors import Refused
from doorstep.planning.forms import Ints
from doorstep.planning.groups.grouping import groups
from doorstep.planning.groups.instance import Instance


def repaired(instance: Instance, group: Ints, *, seed: int = 0) -> Ints:
    """These group numbers where they keep the pins; else the groups concerned divided anew into as many, then with those beside
    them as well, and so on to the whole branch. New labels are above all old ones. Refused where not even that can be."""
    group = np.asarray(group).copy()
    for branch in range(len(instance.branches)):
        mine = np.flatnonzero(instance.branch == branch)
        part = instance.some(mine)
        if part.pins.broken(group[mine]):
            group[mine] = _of_branch(part, group[mine], int(group.max()) + 1, seed)
    return group


def _of_branch(instance: Instance, group: Ints, free: int, seed: int) -> Ints:
    chosen = _concerned(instance, group)
    while True:
        around = _with_those_beside(instance, group, chosen)
        places = np.flatnonzero(np.isin(group, chosen))
        last = len(around) == len(chosen)
        try:
            found = groups(_asking(instance.some(places), 0 if last else len(chosen)), seed=seed)
        except Refused:
            if last:
                return free + groups(_asking(instance, 0), seed=seed).group
        else:
            group = group.copy()
            group[places] = free + found.group
            return group
        chosen = around


def _asking(instance: Instance, count: int) -> Instance:
    """0: as many as come nearest to the size wished."""
    return replace(instance, wanted=np.array([count], dtype=np.int64))


def _concerned(instance: Instance, group: Ints) -> Ints:
    """The groups in which a pin is not kept."""
    mates, apart = instance.pins.mates, instance.pins.apart
    both = np.unique(np.stack([mates, group], axis=1), axis=0)
    values, counts = np.unique(both[:, 0], return_counts=True)
    scattered = both[np.isin(both[:, 0], values[counts > 1]), 1]
    same = group[apart[:, 0]] == group[apart[:, 1]]
    return np.unique(np.concatenate([scattered, group[apart[same, 0]]]))


def _with_those_beside(instance: Instance, group: Ints, chosen: Ints) -> Ints:
    ends = group[instance.edges]
    return np.unique(np.concatenate([chosen, ends[np.isin(ends, chosen).any(axis=1)].ravel()]))
