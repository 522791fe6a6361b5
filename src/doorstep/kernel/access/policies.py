"""One policy per model: who sees which rows, and who may do what to one."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.shared.errors import NotAllowed, NotVisible
from doorstep.kernel.shared.place_codes import within


class Policy:
    """Subclass per model. `view` is the capability that shows rows; `actions` maps an action to its capability."""

    model: ClassVar[type[Model]]
    place_field: ClassVar[str] = "place_code"
    view: ClassVar[str] = ""
    actions: ClassVar[dict[str, str]] = {}

    def participation(self, actor: Actor) -> Q | None:
        """Rows the actor sees without any post (reporter, member, own data); None for none."""
        return None

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        """The rows that exist for this actor. Outside it a record does not exist."""
        rows = self.model._default_manager.all()
        condition = within(self.place_field, actor.places_for(self.view)) if self.view else Q(pk__in=[])
        own = None if actor.is_anonymous else self.participation(actor)
        return rows.filter(condition | own if own is not None else condition)

    def place_of(self, obj: Any) -> str:
        value = obj
        for part in self.place_field.split("__"):
            value = getattr(value, part)
        return str(value)

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        """May `actor` do `action` to `obj`? An action without a capability is nobody's."""
        capability = self.view if action == "view" else self.actions.get(action)
        return bool(capability) and actor.holds(str(capability), self.place_of(obj))

    def require(self, actor: Actor, action: str, obj: Any) -> None:
        """Raise NotVisible where the record does not exist for the actor, NotAllowed where the act is not theirs."""
        if self.can(actor, action, obj):
            return
        if not self.can(actor, "view", obj) and not self._participates(actor, obj):
            raise NotVisible(_("没有找到这条记录。"))
        raise NotAllowed(_("您的岗位不能做这一步。"))

    def _participates(self, actor: Actor, obj: Any) -> bool:
        own = None if actor.is_anonymous else self.participation(actor)
        return own is not None and self.model._default_manager.filter(own, pk=obj.pk).exists()


_policies: dict[type[Model], Policy] = {}


def register_policy(policy: type[Policy]) -> type[Policy]:
    """Class decorator: this is the model's one policy."""
    if policy.model in _policies:
        raise RuntimeError(f"{policy.model.__name__} has two policies")
    _policies[policy.model] = policy()
    return policy


def policy_for(model: type[Model]) -> Policy:
    try:
        return _policies[model]
    except KeyError:
        raise RuntimeError(f"{model.__name__} has no policy: write one in its policies.py") from None


def registered_policies() -> dict[type[Model], Policy]:
    return dict(_policies)


def require_place(actor: Actor, capability: str, place_code: str) -> None:
    """Gate for making something new at `place_code`.

    Raises NotVisible for who has the capability elsewhere or no post near, NotAllowed for a post near without it.
    """
    if not actor.holds(capability, place_code):
        if actor.holds_somewhere(capability) or not actor.stands_near(place_code):
            raise NotVisible(_("没有找到这个地方。"))
        raise NotAllowed(_("您的岗位不能做这一步。"))
