"""What reporters said of an outcome: ratings, call-backs that reached somebody or nobody, reopenings and their answers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from doorstep.modules.requests.services_feedback import CLOSING, DISSATISFIED
from doorstep.modules.requests.services_past import PastCallBack, PastRating

from . import seasons, words
from .ground import DISTRICT, Serving

if TYPE_CHECKING:
    from .stories import Life

CALLED = {"hotline": 0.6, "phone": 0.34, "counter": 0.22, "worker": 0.16, "patrol": 0.0, "forum": 0.3}
RATED = {"phone": 0.42, "forum": 0.3}
INVALID = (("no_answer", 62), ("refused", 14), ("wrong_number", 11), ("not_reporter", 9), ("other", 4))


@dataclass
class Feedback:
    """The last word on one request. `verifier` answers for the unit; `handler` is None where nobody handled it."""

    life: Life
    verifier: Serving
    handler: Serving | None
    call_backs: list[PastCallBack] = field(default_factory=list)
    ratings: list[PastRating] = field(default_factory=list)

    def live(self) -> None:
        life = self.life
        if (
            self.handler is None
            or life.reporter is None
            or not life.steps
            or life.steps[-1].name not in CLOSING
        ):
            return
        if self._judged(again=False) and self._answered() and self._judged(again=True):
            self._declined()

    def _judged(self, *, again: bool) -> bool:
        """Rated by the reporter, called back by the platform, either, or neither. Gives whether reopening was asked."""
        life = self.life
        if life.chance(RATED.get(life.source, 0.0)):
            at = life.after(0.5, 40)
            solved, grade = self._opinion(again)
            unhappy = not solved or grade <= DISSATISFIED
            said = words.UNHAPPY if unhappy else words.RATED
            self.ratings.append(PastRating(at=at, solved=solved, satisfaction=grade, words=life.say(said)))
            if unhappy:
                self._ask(at, Serving(life.reporter or 0, 0, life.day, None), own=True)
                return True
        return life.chance(0.7 if again else CALLED[life.source]) and self._called(again)

    def _called(self, again: bool) -> bool:
        life, caller = self.life, self._caller()
        at = max(life.last, self.ratings[-1].at if self.ratings else life.last)
        at = seasons.open_moment(
            at + dt.timedelta(hours=20 + 100 * life.random.random()), seasons.OFFICE, life.random
        )
        if life.chance(0.27):
            (reason,) = life.random.choices([name for name, _n in INVALID], [n for _name, n in INVALID])
            self.call_backs.append(PastCallBack(at=at, person_id=caller.person_id, invalid_reason=reason))
            if reason != "no_answer" or life.chance(0.5):
                return False
            at = seasons.open_moment(at + dt.timedelta(hours=26), seasons.OFFICE, life.random)
        solved, grade = self._opinion(again)
        self.call_backs.append(
            PastCallBack(
                at=at,
                person_id=caller.person_id,
                contacted=life.chance(0.955),
                solved=solved,
                satisfaction=grade,
            )
        )
        if solved and grade > DISSATISFIED:
            return False
        self._ask(at, caller, own=False)
        return True

    def _opinion(self, again: bool) -> tuple[bool, int]:
        solved = self.life.chance(0.95 if again else 0.905)
        weights = (46, 36, 13, 4, 1) if solved else (2, 10, 24, 42, 22)
        return solved, self.life.random.choices((5, 4, 3, 2, 1), weights)[0]

    def _caller(self) -> Serving:
        """An officer of the street or the district who did not handle it."""
        life = self.life
        found = [
            one
            for one in (
                *life.ground.all("district_officer", DISTRICT, life.day),
                *life.ground.all("street_officer", life.spot.place_code[:9], life.day),
            )
            if one.person_id not in life.handlers
        ]
        return found[int(life.random.random() * len(found))]

    def _ask(self, at: dt.datetime, who: Serving, *, own: bool) -> None:
        life = self.life
        life.asked(at, who.person_id, None if own else who.unit_id, life.say(words.AGAIN))

    def _answered(self) -> bool:
        """Somebody else than the handler answers; gives whether it was taken up and closed again."""
        life, handler = self.life, self.handler
        assert handler is not None
        if not life.chance(0.68):
            self._declined()
            return False
        life.step("reopen", life.after(4, 40), self.verifier, note=life.say(words.REOPENED))
        life.step(
            "handle",
            life.after(10, 90),
            handler,
            seasons.ROUND,
            note=life.say(words.DONE[life.item.event_class]),
        )
        life.step("verify", life.after(1, 24), self.verifier, note=life.say(words.CHECKED))
        return True

    def _declined(self) -> None:
        life = self.life
        life.step("decline_reopen", life.after(6, 60), self.verifier, note=life.say(words.DECLINED))
