"""Feedback: of who was there, once; words after a look, without a name; words go after a term, and with the person."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from doorstep.kernel.activities.services_attendance import Presence
from doorstep.kernel.people.erasure import OWN_WISH, erase_person
from doorstep.kernel.people.own_data import own_data
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, Refused, RuleViolation
from doorstep.modules.culture import selectors, services_feedback, services_pictures
from doorstep.modules.culture.models import Feedback, Picture, RuleValue
from doorstep.modules.culture.numbers import KEEP_MONTHS
from tests.culture.world import DAY, TODAY, World, at, held, planned_session
from tests.matters.uploads import photo, upload


def give(world: World, session: Any, who: str = "resident", **more: Any) -> Feedback:
    given = {"grade": 5, "words": "", "was_there": True}
    return services_feedback.give_feedback(actor=world.actor(who), session_id=session.pk, **(given | more))


def test_of_a_counted_event_anybody_signed_in_who_says_so(world: World) -> None:
    session = held(world)
    with pytest.raises(RuleViolation) as refused:
        give(world, session, was_there=False)
    assert refused.value.field == "was_there"
    row = give(world, session, words="菜好吃，下次早点开始 🎉")
    assert give(world, session, words="菜好吃，下次早点开始 🎉") == row
    with pytest.raises(Conflict):
        give(world, session, grade=1)


def test_where_people_sign_up_only_who_was_there(world: World) -> None:
    there = Presence(
        person_id=world.people["resident"].pk, in_at=at(TODAY - DAY, 9), out_at=at(TODAY - DAY, 11)
    )
    session = held(world, by_sign_up=True, present=[there], head_count=1)
    assert give(world, session, was_there=False)
    with pytest.raises(NotAllowed):
        give(world, session, who="outsider")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"grade": 0}, "grade"), ({"grade": 6}, "grade"), ({"grade": True}, "grade"), ({"grade": "5"}, "grade"),
        ({"words": "话" * 20_000}, "words"), ({"words": "找我 13812345678"}, "words"), ({"words": "\x07"}, "words"),
        ({"words": "138 1234 5678"}, "words"), ({"words": "21020219900101001X"}, "words"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_at_its_field(world: World, more: dict[str, Any], field: str) -> None:
    session = held(world)
    with pytest.raises(RuleViolation) as refused:
        give(world, session, **more)
    assert refused.value.field == field and not Feedback.objects.exists()


def test_only_after_the_event_and_within_its_term(world: World) -> None:
    with pytest.raises(RuleViolation):
        give(world, planned_session(world))
    with pytest.raises(RuleViolation):
        give(world, held(world, day=TODAY - 61 * DAY))
    assert give(world, held(world, day=TODAY - 59 * DAY))
    hidden = held(world, is_public=False)
    with pytest.raises(NotVisible):
        give(world, hidden)


def test_words_are_shown_after_a_look_and_never_with_a_name(world: World) -> None:
    session = held(world)
    row = give(world, session, words="<b>很好</b>")
    assert selectors.said_of(session.pk).words == ()
    assert list(selectors.feedback_waiting(world.actor("secretary"))) == [row]
    assert not selectors.feedback_waiting(world.actor("outsider"))
    for who, error in (("worker", NotVisible), ("outsider", NotVisible), ("resident", NotVisible)):
        refusals: tuple[type[Refused], ...] = (error,)
        with pytest.raises(refusals):
            services_feedback.look_at_feedback(actor=world.actor(who), feedback_id=row.pk, show=True)
    services_feedback.look_at_feedback(actor=world.actor("secretary"), feedback_id=row.pk, show=True)
    said = selectors.said_of(session.pk)
    assert (said.words, said.count, said.share) == (("<b>很好</b>",), 1, 100)
    services_feedback.look_at_feedback(actor=world.actor("street"), feedback_id=row.pk, show=False)
    assert selectors.said_of(session.pk).words == ()


def test_nobody_looks_at_their_own_words(world: World) -> None:
    row = give(world, held(world), who="secretary", words="办得好")
    with pytest.raises(NotAllowed):
        services_feedback.look_at_feedback(actor=world.actor("secretary"), feedback_id=row.pk, show=True)


def test_words_go_after_their_term_and_the_grade_stays(world: World) -> None:
    row = give(world, held(world), grade=2, words="太吵")
    later = TODAY + dt.timedelta(days=760)
    with clock.fixed(later):
        assert services_feedback.forget_words() == 1
        assert services_feedback.forget_words() == 0
    row.refresh_from_db()
    assert (row.words, row.grade, row.erased_at is not None) == ("", 2, True)


def test_the_term_is_a_dated_number(world: World) -> None:
    give(world, held(world), words="太吵")
    with clock.fixed(TODAY + dt.timedelta(days=200)):
        assert services_feedback.forget_words() == 0
        RuleValue.objects.filter(key=KEEP_MONTHS).update(valid_to=TODAY)
        RuleValue.objects.create(key=KEEP_MONTHS, value=6, clause="演示", valid_from=TODAY)
        assert services_feedback.forget_words() == 1


def test_a_person_sees_and_takes_along_what_they_said(world: World) -> None:
    session = held(world)
    row = give(world, session, words="很好")
    services_pictures.add_picture(
        actor=world.actor("secretary"), session_id=session.pk, upload=upload("a.jpg", photo()), caption="合影"
    )
    shown = {part.section.key: part.rows for part in own_data(actor=world.actor("resident"))}
    assert shown["event_feedback"] == [
        {"day": session.day.isoformat(), "title": "演示百家宴", "grade": 5, "words": "很好"}
    ]
    pictures = {part.section.key: part.rows for part in own_data(actor=world.actor("secretary"))}[
        "event_pictures"
    ]
    assert [each["caption"] for each in pictures] == ["合影"]
    erase_person(actor=world.actor("resident"), person=world.people["resident"], ground=OWN_WISH)
    row.refresh_from_db()
    assert (row.words, row.grade, row.shown) == ("", 5, False)
    assert Picture.objects.get().added_by_id == world.people["secretary"].pk
