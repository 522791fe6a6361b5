"""Reporting in: by oneself, seen by the community, changed and left at will; the employer is told only while one agrees."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from doorstep.kernel.people.own_data import own_data
from doorstep.kernel.people.selectors import has_consent
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.vanguard import services_feedback, services_members, services_wishes
from doorstep.modules.vanguard.models import Feedback, Member, Served, Wish
from doorstep.modules.vanguard.policies import EMPLOYER_FEEDBACK
from doorstep.modules.vanguard.selectors import in_service
from doorstep.modules.vanguard.selectors_feedback import (
    feedback_of_employer,
    paper_data,
    seen_feedback,
    to_tell,
)
from doorstep.modules.vanguard.services_members import NewMember
from tests.grids.world import ONE, TODAY, TWO, World
from tests.sign_in import client_of
from tests.vanguard.world import reported, served_wish, wish

YEAR = TODAY.year


def test_reporting_in_twice_is_once_and_the_community_sees_it(world: World) -> None:
    row = reported(world, received=False)
    assert reported(world, received=False).pk == row.pk
    assert row.received_at is None and Member.objects.count() == 1
    with pytest.raises(NotVisible):
        services_members.receive(actor=world.actor("outsider"), member_id=row.pk)
    with pytest.raises(NotAllowed):
        services_members.receive(actor=world.actor("member"), member_id=row.pk)
    seen = services_members.receive(actor=world.actor("secretary"), member_id=row.pk)
    assert seen.received_by_id == world.people["secretary"].pk


def test_in_one_community_at_a_time(world: World) -> None:
    row = reported(world)
    with pytest.raises(Conflict, match="别的社区"):
        reported(world, place=TWO)
    services_members.leave(actor=world.actor("member"), member_id=row.pk)
    with clock.fixed(TODAY + dt.timedelta(days=2)):
        assert reported(world, place=TWO).place_code == TWO
    assert Member.objects.count() == 2


def test_somebody_without_a_phone_is_entered_and_thereby_seen(world: World) -> None:
    new = NewMember(person_id=world.people["other"].pk, place_code=ONE, employer_name="演示研究所")
    row = services_members.report_in(actor=world.actor("secretary"), new=new)
    assert row.received_by_id == world.people["secretary"].pk
    with pytest.raises(NotVisible):
        services_members.report_in(actor=world.actor("outsider"), new=new)
    with pytest.raises(NotVisible):
        services_members.report_in(actor=world.actor("resident"), new=new)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"employer_id": None}, "employer_name"),
        ({"employer_id": 0}, "employer"),
        ({"skills": ("nothing",)}, "skills"),
        ({"place": "210202005"}, "place_code"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(world: World, more: dict, field: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        reported(world, received=False, **more)
    assert refused.value.field == field and not Member.objects.exists()


def test_who_leaves_gives_back_what_was_claimed(world: World) -> None:
    row = reported(world)
    claimed, done = wish(world, title="修门铃"), served_wish(world)
    services_wishes.claim(actor=world.actor("member"), wish_id=claimed.pk)
    services_members.leave(actor=world.actor("member"), member_id=row.pk)
    assert Wish.objects.get(pk=claimed.pk).matter.state == "published"
    assert Wish.objects.get(pk=claimed.pk).member is None
    assert Wish.objects.get(pk=done.pk).matter.state == "served"


def answered(world: World, **more: object) -> Wish:
    row = served_wish(world, **more)
    return services_wishes.answer_for(
        actor=world.actor("deputy"), wish_id=row.pk, done=True, asked_how="visit", words="老人说看得清了"
    )


def test_who_reported_in_and_served_counts_once(world: World) -> None:
    reported(world)
    assert not in_service(TODAY).exists()
    answered(world)
    answered(world, title="换灯泡")
    assert in_service(TODAY).count() == 1 and Served.objects.count() == 2


def test_the_employer_is_told_with_consent_only(world: World) -> None:
    row = reported(world)
    answered(world, category="difficulty")
    actor = world.actor("secretary")
    assert to_tell(actor, YEAR) == []
    assert services_feedback.tell_employers(actor=actor, member_ids=[row.pk], year=YEAR) == []
    services_members.agree_to_feedback(actor=world.actor("member"), member_id=row.pk, agrees=True)
    (waiting,) = to_tell(actor, YEAR)
    assert (waiting.facts.times, waiting.facts.difficulties) == (1, 1)
    (told,) = services_feedback.tell_employers(actor=actor, member_ids=[row.pk], year=YEAR)
    assert services_feedback.tell_employers(actor=actor, member_ids=[row.pk], year=YEAR) == []
    assert [one.pk for one in feedback_of_employer(world.actor("department"))] == [told.pk]


def test_withdrawn_what_was_not_sent_is_not_sent_and_the_employer_loses_it_at_once(world: World) -> None:
    for role in ("member", "other"):
        row = reported(world, role)
        services_members.agree_to_feedback(actor=world.actor(role), member_id=row.pk, agrees=True)
    answered(world)
    services_wishes.claim(actor=world.actor("other"), wish_id=(other := wish(world, title="读信")).pk)
    services_wishes.serve(actor=world.actor("other"), wish_id=other.pk, note="读了")
    services_wishes.answer_for(
        actor=world.actor("deputy"), wish_id=other.pk, done=True, asked_how="call", words="好了"
    )
    members = {one.person_id: one for one in Member.objects.all()}
    sent_to, unsent = (members[world.people[role].pk] for role in ("member", "other"))
    (told,) = services_feedback.tell_employers(
        actor=world.actor("secretary"), member_ids=[sent_to.pk], year=YEAR
    )
    assert seen_feedback(world.actor("department"), told.pk).times == 1
    for role, row in (("member", sent_to), ("other", unsent)):
        services_members.agree_to_feedback(actor=world.actor(role), member_id=row.pk, agrees=False)
    assert feedback_of_employer(world.actor("department")) == []
    for role in ("department", "secretary"):
        with pytest.raises(NotVisible):
            seen_feedback(world.actor(role), told.pk)
    assert seen_feedback(world.actor("member"), told.pk).pk == told.pk
    sent = services_feedback.tell_employers(actor=world.actor("secretary"), member_ids=[unsent.pk], year=YEAR)
    assert sent == [] and Feedback.objects.count() == 1


def test_only_the_member_agrees_and_only_the_office_tells(world: World) -> None:
    row = reported(world)
    with pytest.raises(NotVisible):
        services_members.agree_to_feedback(actor=world.actor("secretary"), member_id=row.pk, agrees=True)
    assert not has_consent(world.people["member"].pk, EMPLOYER_FEEDBACK)
    with pytest.raises(NotAllowed):
        services_feedback.tell_employers(actor=world.actor("worker"), member_ids=[row.pk], year=YEAR)
    with pytest.raises(RuleViolation):
        services_feedback.tell_employers(actor=world.actor("secretary"), member_ids=[row.pk], year=YEAR + 1)
    services_members.agree_to_feedback(actor=world.actor("member"), member_id=row.pk, agrees=True)
    answered(world)
    assert (
        services_feedback.tell_employers(actor=world.actor("outsider"), member_ids=[row.pk], year=YEAR) == []
    )


def test_the_member_finds_it_all_among_ones_own_data(world: World) -> None:
    reported(world, skills=("law",), times=("weekday_evening",))
    answered(world)
    shown = {part.section.key: part.rows for part in own_data(actor=world.actor("member"))}
    assert shown["vanguard_member"][0]["offers"] == "法律、工作日晚上"
    assert shown["vanguard_served"] == [{"day": TODAY.isoformat(), "what": "想要一个放大镜"}]


def test_leaving_takes_the_consent_back_and_others_wait_for_what_is_in_hand(world: World) -> None:
    row = reported(world)
    services_members.agree_to_feedback(actor=world.actor("member"), member_id=row.pk, agrees=True)
    claimed = wish(world)
    services_wishes.claim(actor=world.actor("member"), wish_id=claimed.pk)
    with pytest.raises(RuleViolation, match="先在心愿页另请人"):
        services_members.leave(actor=world.actor("secretary"), member_id=row.pk)
    services_wishes.release(actor=world.actor("secretary"), wish_id=claimed.pk, reason="搬走了")
    services_members.leave(actor=world.actor("secretary"), member_id=row.pk)
    assert not has_consent(world.people["member"].pk, EMPLOYER_FEEDBACK)


def test_days_on_the_paper_are_the_districts(world: World) -> None:
    member = reported(world)
    row = Feedback.objects.create(
        member=member, employer=member.employer, employer_name="演示部门", place_code=ONE, year=TODAY.year, times=1, wishes=0,
        difficulties=0, sent_at=dt.datetime(2026, 6, 14, 17, 30, tzinfo=dt.UTC),
    )  # fmt: skip
    assert "2026-06-15" in str(paper_data(row, "演示一社区")["note"])


def test_days_of_ones_own_data_are_the_districts(world: World) -> None:
    member = reported(world)
    Feedback.objects.create(
        member=member, employer=member.employer, employer_name="演示部门", place_code=ONE, year=TODAY.year, times=1, wishes=0,
        difficulties=0, sent_at=dt.datetime(2026, 6, 14, 17, 30, tzinfo=dt.UTC),
    )  # fmt: skip
    shown = {part.section.key: part.rows for part in own_data(actor=world.actor("member"))}
    assert shown["vanguard_told"][0]["at"] == "2026-06-15"


def told_and_taken_back(world: World) -> Feedback:
    """The employer was told of the year; then the member took the consent back."""
    row = reported(world)
    answered(world)
    services_members.agree_to_feedback(actor=world.actor("member"), member_id=row.pk, agrees=True)
    secretary = world.actor("secretary")
    (told,) = services_feedback.tell_employers(actor=secretary, member_ids=[row.pk], year=TODAY.year)
    services_members.agree_to_feedback(actor=world.actor("member"), member_id=row.pk, agrees=False)
    return told


def test_the_offices_list_leads_nowhere_dead_once_the_consent_is_gone(world: World) -> None:
    told, client = told_and_taken_back(world), client_of(world.accounts["secretary"])
    page = client.get(f"/desk/r/vanguard.feedback/record/{told.pk}/").content.decode()
    address = f"/desk/vanguard/feedback/{told.pk}/"
    assert address not in page or client.get(address).status_code == 200


def test_what_was_told_is_not_shown_once_the_consent_is_gone(world: World) -> None:
    """That it was sent stays a fact."""
    told, client = told_and_taken_back(world), client_of(world.accounts["secretary"])
    export = client.get("/desk/r/vanguard.feedback/export.csv?columns=all")
    lines = b"".join(export.streaming_content).decode("utf-8-sig").splitlines()
    numbers = lines[-1].split(",")
    assert str(told.times) not in [cell for cell in numbers if cell.isdigit()]


def test_a_year_is_no_quantity(world: World) -> None:
    told_and_taken_back(world)
    assert (
        "2,026"
        not in client_of(world.accounts["secretary"]).get("/desk/r/vanguard.feedback/").content.decode()
    )


def test_a_consent_is_for_the_employer_it_was_given_for(world: World) -> None:
    """The next employer is another receiver (PIPL article 23)."""
    row = reported(world)
    answered(world)
    member = world.actor("member")
    services_members.agree_to_feedback(actor=member, member_id=row.pk, agrees=True)
    row.refresh_from_db()
    new = NewMember(
        person_id=row.person_id, place_code=ONE, employer_id=world.units["property_company", "210202005"].pk
    )
    services_members.change_member(actor=member, member_id=row.pk, expected_version=row.lock_version, new=new)
    told = services_feedback.tell_employers(
        actor=world.actor("secretary"), member_ids=[row.pk], year=TODAY.year
    )
    assert not told
    services_members.agree_to_feedback(actor=member, member_id=row.pk, agrees=True)
    (again,) = services_feedback.tell_employers(
        actor=world.actor("secretary"), member_ids=[row.pk], year=TODAY.year
    )
    assert again.employer_id == new.employer_id


def test_who_changed_the_employer_is_no_longer_shown_to_the_first(world: World) -> None:
    row, member = reported(world), world.actor("member")
    answered(world)
    services_members.agree_to_feedback(actor=member, member_id=row.pk, agrees=True)
    (told,) = services_feedback.tell_employers(actor=world.actor("secretary"), member_ids=[row.pk], year=YEAR)
    row.refresh_from_db()
    new = NewMember(person_id=row.person_id, place_code=ONE, employer_name="演示研究所")
    services_members.change_member(actor=member, member_id=row.pk, expected_version=row.lock_version, new=new)
    assert not has_consent(row.person_id, EMPLOYER_FEEDBACK)
    services_members.agree_to_feedback(actor=member, member_id=row.pk, agrees=True)
    assert feedback_of_employer(world.actor("department")) == []
    with pytest.raises(NotVisible):
        seen_feedback(world.actor("department"), told.pk)


def test_who_changes_the_employer_on_the_phone_is_told_that_the_consent_ended(world: World) -> None:
    row = reported(world)
    services_members.agree_to_feedback(actor=world.actor("member"), member_id=row.pk, agrees=True)
    row.refresh_from_db()
    sent = {
        "place_code": ONE,
        "employer_name": "演示研究所",
        "version": str(row.lock_version),
    }
    page = client_of(world.accounts["member"]).post(reverse("vanguard:change"), sent, follow=True)
    assert "请在下面重新同意" in page.content.decode()
    assert not has_consent(row.person_id, EMPLOYER_FEEDBACK)
