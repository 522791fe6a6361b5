"""What these addresses take and answer, as an OpenAPI document: for programs that read one, and for our own tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from doorstep.surfaces.open311 import attributes, intake, parameters

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
WORDS: Schema = {"type": "string", "minLength": 1}
TRUTH: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
NUMBER: Schema = {"type": "string", "pattern": "^QS[0-9]{7,}$"}
FORMS = {"json": "application/json", "xml": "text/xml"}
REFUSED = {
    400: "A parameter is at fault; the description names it.", 403: "No key, or none that may report.",
    404: "Not found, or not public.", 429: "Too often within a minute.", 503: "The database is away for a moment; send it again.",
}  # fmt: skip


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object", "properties": properties, "required": list(properties), "additionalProperties": False,
    }  # fmt: skip


def _list(of: Schema, least: int = 0) -> Schema:
    return {"type": "array", "items": of, "minItems": least}


def _or_none(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


ERRORS = _list(_object(code={"type": "integer"}, description=WORDS), 1)
SERVICE = _object(
    service_code=WORDS, service_name=WORDS, description=WORDS, metadata=TRUTH, type={"const": "realtime"},
    keywords=TEXT, group=WORDS,
)  # fmt: skip
ATTRIBUTE = _object(
    variable=TRUTH, code=WORDS, datatype={"enum": [attributes.STRING, attributes.ONE]}, required=TRUTH,
    order={"type": "integer"}, description=WORDS, datatype_description=WORDS,
    values=_list(_object(key=WORDS, name=WORDS)),
)  # fmt: skip
REQUEST = _object(
    service_request_id=NUMBER, status={"enum": [*parameters.STATUSES]}, status_notes=WORDS, service_name=TEXT,
    service_code=WORDS, description=TEXT, agency_responsible=TEXT, service_notice=TEXT, requested_datetime=MOMENT,
    updated_datetime=MOMENT, expected_datetime=_or_none(MOMENT), address=TEXT, address_id=TEXT, zipcode=TEXT,
    lat={"type": "null"}, long={"type": "null"}, media_url=TEXT,
)  # fmt: skip
TAKEN = _list(_object(service_request_id=NUMBER, service_notice=TEXT, account_id=TEXT), 1)
DISCOVERY = _object(
    changeset=MOMENT, contact=WORDS, key_service=WORDS,
    endpoints=_list(
        _object(specification=WORDS, url=WORDS, changeset=MOMENT, type=WORDS, formats=_list(WORDS, 2)), 1
    ),
)  # fmt: skip
JURISDICTION: Schema = {"name": "jurisdiction_id", "in": "query", "schema": TEXT}
SOME_CODES = rf"^({parameters.CODE.pattern}(,{parameters.CODE.pattern})*)?$"
NOTHING: Schema = {"type": "string", "maxLength": 0}  # a parameter left empty is one that was not given
DAY: Schema = {"anyOf": [MOMENT, {"type": "string", "format": "date"}, NOTHING]}
PAGE: Schema = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": parameters.MOST}, NOTHING]}


def _query(name: str, schema: Schema, says: str = "") -> Schema:
    return {"name": name, "in": "query", "schema": schema, "description": says}


def _in_path(name: str) -> Schema:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": r"^[^/?#\s]+$"},
    }


LISTED = [
    _query("service_request_id", TEXT, "Some, separated by commas; before all else."),
    _query("service_code", {"type": "string", "pattern": SOME_CODES}, "Some, separated by commas."),
    _query("start_date", DAY, "Of requested_datetime; at most 90 days to end_date, the last 90 without both."),
    _query("end_date", DAY),
    _query("status", {"enum": [*parameters.STATUSES, ",".join(parameters.STATUSES), ""]}),
    _query("page", PAGE), _query("page_size", PAGE, "As many as 1000, which is what comes without it."),
]  # fmt: skip


def _form() -> Schema:
    """The fields of a report."""
    fields: Schema = {
        "api_key": WORDS, "service_code": WORDS, "jurisdiction_id": TEXT,
        "description": {"type": "string", "maxLength": 5000},
        "lat": {"type": "number", "minimum": -90, "maximum": 90},
        "long": {"type": "number", "minimum": -180, "maximum": 180},
        "address_string": {"type": "string", "maxLength": 120},
        "address_id": {"type": "string", "description": "A place's code (9, 12 or 15 digits) or a building's number."},
        "media_url": {"type": "string", "description": "Never fetched."},
    }  # fmt: skip
    fields |= {name: {"type": "string", "description": "Not read, not kept."} for name in intake.CONTACT}
    for each in attributes.ATTRIBUTES:
        chosen = {"enum": ["", *(key for key, _name in each.values)]} if each.values else {"maxLength": 100}
        fields[f"attribute[{each.code}]"] = TEXT | chosen
    return {"type": "object", "properties": fields, "required": ["api_key", "service_code"]}


def _operation(
    name: str, form: str, answered: Schema, given: Iterable[Schema] = (), codes: Iterable[int] = ()
) -> Schema:
    def told(says: str, schema: Schema) -> Schema:
        return {"description": says, "content": {FORMS[form]: {"schema": schema} if form == "json" else {}}}

    answers = {str(code): told(REFUSED[code], ERRORS) for code in (404, 429, 503, *codes)}
    return {
        "operationId": f"{name}_{form}", "parameters": [JURISDICTION, *given],
        "responses": {"200": told("What was asked for.", answered)} | answers,
    }  # fmt: skip


def _report(form: str) -> Schema:
    operation = _operation(
        "report", form, TAKEN, codes=(400, 403),
        given=[{"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"}}],
    )  # fmt: skip
    operation["responses"]["201"] = operation["responses"]["200"] | {"description": "Taken in."}
    operation["requestBody"] = {
        "required": True, "content": {"application/x-www-form-urlencoded": {"schema": _form()}}
    }  # fmt: skip
    return operation


def _paths(form: str) -> Schema:
    definition, token = _object(service_code=WORDS, attributes=_list(ATTRIBUTE)), _object(service_request_id=NUMBER, token=NUMBER)  # fmt: skip
    return {
        f"/open311/discovery.{form}": {"get": _operation("discovery", form, DISCOVERY)},
        f"/open311/v2/services.{form}": {"get": _operation("services", form, _list(SERVICE))},
        f"/open311/v2/services/{{code}}.{form}": {"get": _operation("service", form, definition, [_in_path("code")])},
        f"/open311/v2/requests.{form}": {
            "get": _operation("requests", form, _list(REQUEST), LISTED, codes=(400,)), "post": _report(form),
        },
        f"/open311/v2/requests/{{number}}.{form}": {
            "get": _operation("request", form, _list(REQUEST, 1), [_in_path("number")])
        },
        f"/open311/v2/tokens/{{token}}.{form}": {"get": _operation("token", form, _list(token, 1), [_in_path("token")])},
    }  # fmt: skip


def document() -> Schema:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Doorstep, Open311 GeoReport v2", "version": "2",
            "description": "Reading is for anybody. To report, api_key is an access key with the scope open311.report.",
        },
        "paths": {path: found for form in FORMS for path, found in _paths(form).items()},
    }  # fmt: skip
