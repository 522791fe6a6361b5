"""Who reads the audit: the audit administrator, over the places of that post."""

from __future__ import annotations

from doorstep.kernel.access.capabilities import declare
from doorstep.kernel.access.policies import Policy, register_policy
from doorstep.kernel.audit.models import Entry

VIEW = declare("audit.view", posts=("audit_administrator",))


@register_policy
class EntryPolicy(Policy):
    model = Entry
    view = VIEW
