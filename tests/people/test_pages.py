"""Pages of a person's record: masked, revealed for a purpose, corrected, consented, erased."""

import pytest

from doorstep.kernel.audit.selectors import history_of
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import has_consent
from tests.authority.cast import COMMUNITY, NEXT_COMMUNITY, make_member, make_places
from tests.sign_in import client_of

pytestmark = pytest.mark.django_db
NEW = "/desk/people/new/"


@pytest.fixture(autouse=True)
def places():
    make_places()


@pytest.fixture
def secretary():
    return client_of(make_member("community_secretary").account)


@pytest.fixture
def resident() -> Person:
    return make_member("resident").person


def test_the_register_and_the_page_are_masked(secretary, resident):
    for path in ("/desk/r/people/", f"/desk/people/{resident.pk}/"):
        page = secretary.get(path).content.decode()
        assert "138****0001" in page and "13800000001" not in page, path


def test_a_value_in_full_for_a_purpose_on_that_answer_alone(secretary, resident):
    page = f"/desk/people/{resident.pk}/"
    refused = secretary.post(
        page + "reveal/", {"field": "phone", "purpose": ""}, follow=True
    ).content.decode()
    assert "先选择用途" in refused and "13800000001" not in refused
    answer = secretary.post(page + "reveal/", {"field": "phone", "purpose": "visit"})
    assert "13800000001" in answer.content.decode() and "no-store" in answer["Cache-Control"]
    assert "13800000001" not in secretary.get(page).content.decode()
    assert history_of(resident).first().purpose == "visit"


@pytest.mark.parametrize(
    "role",
    [
        "outsider",
        "outside_officer",
        "department_officer",
        "merchant",
        "property_manager",
        "audit_administrator",
    ],
)
def test_for_others_the_record_does_not_exist(resident, role):
    client, page = client_of(make_member(role).account), f"/desk/people/{resident.pk}/"
    assert client.get(page).status_code == 404
    for act in ("reveal", "correct", "consent", "erase"):
        assert (
            client.post(
                f"{page}{act}/", {"field": "phone", "purpose": "visit", "name": resident.name}
            ).status_code
            == 404
        )
    assert "演示居民" not in client.get("/desk/r/people/").content.decode()


def test_the_district_sees_masked_and_reveals_nothing(resident):
    client = client_of(make_member("district_officer").account)
    page = f"/desk/people/{resident.pk}/"
    assert "为什么看" not in client.get(page).content.decode()
    answer = client.post(page + "reveal/", {"field": "phone", "purpose": "visit"}, follow=True)
    assert "您的岗位不能做这一步" in answer.content.decode()


def test_registering_says_what_is_wrong_and_keeps_what_was_typed(secretary):
    form = {"name": "演示新人", "place_code": COMMUNITY, "identity": "110105194912310021"}
    answer = secretary.post(NEW, form)
    assert answer.status_code == 422
    assert "校验位不对" in answer.content.decode() and "演示新人" in answer.content.decode()
    assert secretary.post(NEW, form | {"identity": "11010519491231002X"}).status_code == 302
    assert (
        "没有找到这个地方"
        in secretary.post(NEW, form | {"identity": "", "place_code": NEXT_COMMUNITY}).content.decode()
    )


def test_correcting_and_consenting(secretary, resident):
    page = f"/desk/people/{resident.pk}/"
    secretary.post(page + "correct/", {"name": "演示居民二", "phone": "删除", "reason": "本人要求"})
    resident.refresh_from_db()
    assert resident.name == "演示居民二" and resident.phone_sealed is None
    secretary.post(page + "consent/", {"purpose": "notices", "give": "1", "given_by": "书面"})
    assert has_consent(resident.pk, "notices")
    secretary.post(page + "consent/", {"purpose": "notices", "give": "0"})
    assert not has_consent(resident.pk, "notices")


def test_erasing_asks_for_the_name(secretary, resident):
    page = f"/desk/people/{resident.pk}/"
    secretary.post(page + "erase/", {"name": "别人", "ground": "asked"})
    assert secretary.get(page).status_code == 200
    secretary.post(page + "erase/", {"name": resident.name, "ground": "演示居民本人说不要了"})
    assert secretary.get(page).status_code == 200
    secretary.post(page + "erase/", {"name": resident.name, "ground": "asked"})
    assert secretary.get(page).status_code == 404
    resident.refresh_from_db()
    assert resident.erased_at is not None
