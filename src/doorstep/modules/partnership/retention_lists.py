"""What needs and projects hold in words goes with the words of their matters, when the term of retention ends; grades, numbers
and days stay."""

from __future__ import annotations

from collections.abc import Sequence

from doorstep.kernel.matters.services_retention import also_forget
from doorstep.modules.partnership.models_lists import Claim, Need, ProjectUnit, Rating


@also_forget
def forget_words(matter_ids: Sequence[int]) -> None:
    Need.objects.filter(pk__in=matter_ids).exclude(about="").update(about="")
    Claim.objects.filter(need__in=matter_ids).exclude(words="", reason="").update(words="", reason="")
    ProjectUnit.objects.filter(project__in=matter_ids).exclude(brings="").update(brings="")
    Rating.objects.filter(project__in=matter_ids).exclude(words="").update(words="")
