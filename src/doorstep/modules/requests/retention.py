"""What requests and whistles hold in words goes with the words of their matters, when the term of retention ends.

Grades, answers, times and units stay for the statistics. So does the hotline's own number: without it a batch brought
again would bring an erased ticket back.
"""

from __future__ import annotations

from collections.abc import Sequence

from doorstep.kernel.matters.services_retention import TOMBSTONE, also_forget
from doorstep.modules.requests.models import CallBack, Rating, Request, SpotCheck, Whistle, WhistleCall


@also_forget
def forget_words(matter_ids: Sequence[int]) -> None:
    Request.objects.filter(pk__in=matter_ids).exclude(for_whom="").update(for_whom="")
    CallBack.objects.filter(request__in=matter_ids).exclude(words="").update(words="")
    SpotCheck.objects.filter(request__in=matter_ids).exclude(words="").update(words="")
    Rating.objects.filter(request__in=matter_ids).exclude(words="").update(words="")
    Whistle.objects.filter(pk__in=matter_ids).exclude(plan="").update(plan="")
    calls = WhistleCall.objects.filter(whistle__in=matter_ids)
    calls.exclude(words="").update(words="")
    calls.exclude(objection="").update(objection=TOMBSTONE)  # that it was reasoned stays on record
