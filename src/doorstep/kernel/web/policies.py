"""Exports and imports are seen by the account that made them, and by nobody else."""

from __future__ import annotations

from django.db.models import Q

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import Policy, register_policy
from doorstep.kernel.web.models import Export, ImportJob


class _OwnAccount(Policy):
    def participation(self, actor: Actor) -> Q | None:
        return Q(account_id=actor.account_id)


@register_policy
class ExportPolicy(_OwnAccount):
    model = Export


@register_policy
class ImportJobPolicy(_OwnAccount):
    model = ImportJob
