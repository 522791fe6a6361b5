"""At the end of the term the words go, the statistics stay."""

from doorstep.kernel.matters.services_retention import erase_matters
from doorstep.modules.requests import own_data, selectors_rates
from doorstep.modules.requests.models import CallBack, Rating, Request
from doorstep.modules.requests.services_feedback import call_back, rate
from tests.matters.world import SYSTEM
from tests.requests import world as making
from tests.requests.test_feedback import GOOD
from tests.requests.world import STREET, closed


def test_words_go_and_statistics_stay(world):
    matter = closed(world, for_whom="对门老人")
    call_back(actor=world["caller"], matter_id=matter.pk, **GOOD, words="老人说很好")
    rate(actor=world["resident"], matter_id=matter.pk, solved=True, satisfaction=5, words="谢谢")
    before = selectors_rates.rates_of(world["street"], STREET, making.TODAY, making.TODAY)
    erase_matters(SYSTEM, [matter.pk])
    request = Request.objects.select_related("matter").get(pk=matter.pk)
    assert (request.for_whom, request.matter.text, request.matter.reporter_id) == ("", "", None)
    assert (CallBack.objects.get().words, Rating.objects.get().words) == ("", "")
    assert selectors_rates.rates_of(world["street"], STREET, making.TODAY, making.TODAY) == before
    assert request.item.code == "env.lamp"


def test_own_ratings_are_told(world):
    matter = closed(world)
    rate(actor=world["resident"], matter_id=matter.pk, solved=True, satisfaction=4, words="还行")
    (row,) = own_data._ratings(world.people["resident"])
    assert (row["number"], row["words"]) == (matter.number, "还行")
    assert list(own_data._ratings(world.people["neighbour"])) == []
