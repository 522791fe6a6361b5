"""Boundaries in the side navigation; registers enter by themselves."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.navigation import PLACES, MenuEntry, declare
from doorstep.kernel.places.policies import DRAW_OUTLINES

declare(MenuEntry(PLACES, _("划定边界"), "places:upload_outlines", capability=DRAW_OUTLINES, rank=95))
