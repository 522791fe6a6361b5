"""Words for the acts of the audit itself."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts

name_acts({"audit.verified": _("核验通过"), "audit.found_unsound": _("核验不通过")})
