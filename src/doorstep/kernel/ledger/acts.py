"""Words for what is done to books. What is booked in them stands in the books themselves."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts

name_acts({"ledger.close": _("结账")})
