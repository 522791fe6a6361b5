"""A joint activity that was held proves what a community owes of activities."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.obligations.kinds import ProofKind, declare

JOINT_ACTIVITY = "joint_activity"
declare(
    ProofKind(
        JOINT_ACTIVITY, _("共建活动"), register="partnership.gatherings", page="partnership:gathering_new"
    )
)
