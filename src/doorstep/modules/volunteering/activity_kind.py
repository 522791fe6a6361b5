"""Voluntary service as a kind of activity: its categories are the kinds of service; a correction changes what was credited."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.activities.kinds import Kind, declare
from doorstep.modules.volunteering.selectors import KIND, service_name
from doorstep.modules.volunteering.services_credits import follow_correction

declare(Kind(KIND, _("志愿服务"), category_name=service_name, corrected=follow_correction))
