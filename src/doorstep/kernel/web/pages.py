"""What pages of modules share: who comes in, what a refusal becomes, and how it is said at its field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.html import format_html
from django.utils.translation import gettext as _

from doorstep.kernel.shared.errors import NotAllowed, NotVisible, Refused

View = Callable[..., HttpResponseBase]


def guarded(view: View, *, login_url: str | None = None, says_forbidden: bool = False) -> View:
    """A signed-in page. What the reader may not see does not exist; what is not theirs to do is forbidden, and a page to do it
    on does not exist either, unless it `says_forbidden`."""

    @login_required(login_url=login_url)
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except NotVisible:
            raise Http404 from None
        except NotAllowed:
            if request.method in ("GET", "HEAD") and not says_forbidden:
                raise Http404 from None
            raise PermissionDenied from None

    return checked


class RefusingForm(forms.Form):
    """A form into which a service's refusal is written, at the field it names (`FIELDS`: other names for the same), with its
    clause and the page that mends it."""

    FIELDS: ClassVar[Mapping[str, str]] = {}

    def refuse(self, refusal: Refused) -> None:
        field = self.FIELDS.get(refusal.field, refusal.field)
        text = str(refusal.message)
        if refusal.clause:
            text += _("（依据：%(clause)s）") % {"clause": refusal.clause}
        if refusal.page:
            text = format_html('{} <a href="{}">{}</a>', text, refusal.page, _("去办理"))
        self.add_error(field if field in self.fields else None, text)


def carried_out(form: RefusingForm, act: Callable[[], Any], *, says_forbidden: bool = False) -> bool:
    """Do it; a refusal is written into the form, and nothing was done. What may not be seen is the page's own answer, and with
    `says_forbidden` what may not be done, too."""
    try:
        act()
    except Refused as refusal:
        own = isinstance(refusal, (NotVisible, NotAllowed) if says_forbidden else NotVisible)
        if own and not refusal.field:
            raise
        form.refuse(refusal)
        return False
    return True
