"""How things of meetings are told in a line."""

from __future__ import annotations

from django.utils.translation import gettext as _

from doorstep.modules.partnership.models import Resolution


def tally_words(row: Resolution) -> str:
    """How the vote came out; empty where no votes are on record."""
    if row.votes_for is None:
        return ""
    words = {"votes": row.votes_for, "against": row.votes_against, "abstained": row.abstained}
    return _("赞成 %(votes)d · 反对 %(against)d · 弃权 %(abstained)d") % words
