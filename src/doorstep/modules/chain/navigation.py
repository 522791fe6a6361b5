"""The chain's own entries in the side navigation; its registers enter by themselves."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.navigation import CHAIN, MenuEntry, declare
from doorstep.modules.chain.policies import VIEW

declare(
    MenuEntry(CHAIN, _("四级链条"), "chain:home", capability=VIEW, rank=10),
    MenuEntry(CHAIN, _("断点"), "chain:breaks", capability=VIEW, rank=20),
)
