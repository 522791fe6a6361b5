"""Volunteering's own entries in the side navigation; the registers enter by themselves."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.navigation import VOLUNTEERS, MenuEntry, declare
from doorstep.modules.volunteering import navigation_redemption  # noqa: F401  declared by being imported
from doorstep.modules.volunteering.policies import APPROVE, PUBLISH, VIEW

declare(
    MenuEntry(VOLUNTEERS, _("审核志愿服务"), "volunteering:approvals", capability=APPROVE, rank=60),
    MenuEntry(VOLUNTEERS, _("服务时长"), "volunteering:hours", capability=VIEW, rank=62, level="community"),
    MenuEntry(VOLUNTEERS, _("志愿服务季度公示"), "volunteering:publish", capability=PUBLISH, rank=65),
)
