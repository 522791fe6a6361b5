"""The page that explains the API, made from its own schema: no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from doorstep.kernel.authority.scopes import all_scopes
from doorstep.surfaces.api.access import Key
from doorstep.surfaces.api.api import api
from doorstep.surfaces.api.refusals import field_of

TOLD = ("get", "post")


@dataclass(frozen=True)
class Given:
    """Something an address takes. `where`: query, path, header or body."""

    name: str
    words: str
    where: str
    kind: str
    required: bool


@dataclass(frozen=True)
class Address:
    """One address of the API."""

    anchor: str
    method: str
    path: str
    scope: str
    says: str
    takes: tuple[Given, ...]
    answers: str


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    context = {
        "addresses": list(_addresses(request)), "scopes": all_scopes(), "limit": settings.API_CALLS_A_MINUTE,
        "root": request.build_absolute_uri("/").rstrip("/"), "faults": FAULTS,
    }  # fmt: skip
    return render(request, "api/docs.html", context)


FAULTS = (
    (400, "bad_request"), (401, "sign_in"), (403, "scope"), (403, "not_allowed"), (404, "not_found"),
    (409, "changed_meanwhile"), (422, "invalid"), (429, "too_many"),
)  # fmt: skip


def _addresses(request: HttpRequest) -> Iterable[Address]:
    schema: dict[str, Any] = api.get_openapi_schema()
    scopes, english = _scopes(), str(getattr(request, "LANGUAGE_CODE", "")).startswith("en")
    for path, methods in schema["paths"].items():
        for method in TOLD:
            if method in methods:
                told = methods[method]
                yield Address(
                    anchor=told["operationId"], method=method.upper(), path=path,
                    scope=scopes[method.upper(), path], says=told.get("description", ""),
                    takes=tuple(_given(schema, told, english)), answers=_answer(told),
                )  # fmt: skip


def _scopes() -> dict[tuple[str, str], str]:
    """By method and path: the scope that opens it."""
    return {
        (method, f"/api{prefix}{path}"): each.scope
        for prefix, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
        for each in operation.auth_callbacks
        if isinstance(each, Key)
    }


def _given(schema: dict[str, Any], told: dict[str, Any], english: bool) -> Iterable[Given]:
    def named(name: str, where: str, kind: dict[str, Any], required: bool) -> Given:
        names = field_of(name) or {}
        return Given(name, names["en" if english else "zh"], where, _kind(kind), required)

    for parameter in told.get("parameters", ()):
        yield named(parameter["name"], parameter["in"], parameter["schema"], parameter["required"])
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    shape = _resolved(schema, body)
    for name, kind in shape.get("properties", {}).items():
        yield named(name, "body", kind, name in shape.get("required", ()))


def _resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    name = part.get("$ref", "").rpartition("/")[2]
    return schema["components"]["schemas"][name] if name else part


def _kind(part: dict[str, Any]) -> str:
    if "enum" in part:
        return " | ".join(str(each) or '""' for each in part["enum"])
    if "anyOf" in part:
        return " | ".join(_kind(each) for each in part["anyOf"] if each.get("type") != "null")
    return str(part.get("format") or part.get("type", ""))


def _answer(told: dict[str, Any]) -> str:
    content = next(iter(told["responses"].values())).get("content", {}).get("application/json", {})
    shape = content.get("schema", {})
    name = shape.get("$ref") or shape.get("items", {}).get("$ref", "")
    return f"[{name.rpartition('/')[2]}]" if "items" in shape else name.rpartition("/")[2]
