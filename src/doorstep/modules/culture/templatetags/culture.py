"""A session's own page, in templates."""

from __future__ import annotations

from django import template

from doorstep.modules.culture.addresses import address_of

register = template.Library()
register.filter("session_address", address_of)
