"""One answer, as JSON or as XML: both tell the same, from the same data."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from django.http import HttpResponse

from doorstep.kernel.shared import clock

TYPES = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
# What one of a list is called in XML (GeoReport v2).
ONE_OF = {
    "services": "service", "service_requests": "request", "attributes": "attribute", "values": "value", "errors": "error",
    "endpoints": "endpoint", "formats": "format",
}  # fmt: skip
_NOT_XML = re.compile(r"[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2


@dataclass(frozen=True)
class Answer:
    """What is answered. `name`: the outermost element of the XML."""

    name: str
    data: Any
    status: int = 200


def respond(answer: Answer, form: str) -> HttpResponse:
    """In the form asked for, "json" or "xml"."""
    plain = _plain(answer.data)
    body = json.dumps(plain, ensure_ascii=False) if form == "json" else _xml(answer.name, plain)
    return HttpResponse(body, status=answer.status, content_type=TYPES[form])


def _plain(value: Any) -> Any:
    """Only what both forms can say: moments in the district's time, words without characters that XML forbids."""
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, dt.datetime):
        return value.astimezone(clock.DISTRICT_ZONE).isoformat(timespec="seconds")
    if value is None or isinstance(value, bool | int | float):
        return value
    return _NOT_XML.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n"))


def _xml(name: str, data: Any) -> bytes:
    return ElementTree.tostring(_element(name, data), encoding="utf-8", xml_declaration=True)


def _element(name: str, value: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(value, dict):
        element.extend(_element(part, inner) for part, inner in value.items())
    elif isinstance(value, list):
        element.extend(_element(ONE_OF[name], inner) for inner in value)
    else:
        element.text = _WORDS.get(type(value), str)(value)
    return element


_WORDS: dict[type, Callable[[Any], str]] = {
    bool: lambda value: "true" if value else "false",
    type(None): lambda value: "",
}
