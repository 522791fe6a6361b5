"""Every refusal of the API in one shape: a word for programs, a sentence for people, and the input at fault.

The sentence is in the language asked for (Accept-Language: en, else Chinese); the field's name always in both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from doorstep.kernel.matters.rules import TEXT_NAMES
from doorstep.kernel.matters.steps import INPUT_NAMES
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, Refused, error_data

LANGUAGES = {"zh": "zh-hans", "en": "en"}
NAMES: dict[str, Any] = {
    **TEXT_NAMES, **INPUT_NAMES,
    "title": lazy("事由"), "text": lazy("情况"), "item": lazy("事项"), "item_code": lazy("事项"), "place_code": lazy("地方"),
    "place": lazy("地方"), "building_id": lazy("楼栋"), "longitude": lazy("经度"), "latitude": lazy("纬度"),
    "position": lazy("位置"), "for_whom": lazy("代谁上报"), "anonymous": lazy("匿名"), "urgency": lazy("紧急程度"),
    "version": lazy("版本"), "on": lazy("截至日期"), "since": lazy("起算日期"), "limit": lazy("每页件数"), "after": lazy("上一页末尾"),
    "q": lazy("搜索"), "box": lazy("分类"), "key": lazy("上报编号"), "Idempotency-Key": lazy("上报编号"), "only": lazy("指标"),
    "trend": lazy("走势"), "code": lazy("代码"), "number": lazy("编号"), "name": lazy("名称"), "body": lazy("请求正文"),
}  # fmt: skip
_ABSENT = {"missing", "none_required"}
_TYPES = {
    "int": lazy("须是整数"), "float": lazy("须是数"), "date": lazy("须是日期，如 2026-06-15"), "bool": lazy("须是 true 或 false"),
    "uuid": lazy("须是 UUID"), "string": lazy("须是文字"), "literal": lazy("不在可选的值里"), "greater": lazy("太小"),
    "less": lazy("太大"), "json": lazy("不是可读的 JSON"), "list": lazy("须是数组"), "finite": lazy("须是有限的数"),
    "extra": lazy("没有这一项"), "value_error": lazy("须是文字"),
}  # fmt: skip


class TooMany(HttpError):
    """Asked more often than a program may in a minute."""

    def __init__(self, words: str = "") -> None:
        super().__init__(429, words or _("请求太频繁，请过一分钟再试。"))


class NotInScope(HttpError):
    """The key does not hold the scope of this address."""

    def __init__(self, scope: str) -> None:
        super().__init__(
            403, _("这个密钥没有「%(scope)s」权限。请另建一个有这项权限的密钥。") % {"scope": scope}
        )


_CODES = {400: "bad_request", 401: "sign_in", 403: "not_allowed", 404: "not_found", 409: "changed_meanwhile",
          422: "invalid", 429: "too_many"}  # fmt: skip


def speak_for(request: HttpRequest) -> None:
    """Answer in the language the program asks for; the middleware outside puts its own back."""
    asked = request.headers.get("Accept-Language", "").strip()[:2].lower()
    if asked in LANGUAGES:
        translation.activate(LANGUAGES[asked])


def field_of(name: str) -> dict[str, str] | None:
    """The field in both languages, or nothing where no field is at fault."""
    if not name:
        return None
    words = NAMES.get(name, name)
    told = {"name": name}
    for short, language in LANGUAGES.items():
        with translation.override(language):
            told[short] = str(words)
    return told


def install(api: NinjaAPI) -> None:
    """Every way the API may refuse."""

    def answer(
        request: HttpRequest,
        status: int,
        message: object,
        field: str = "",
        clause: object = "",
        code: str = "",
    ) -> HttpResponse:
        data = error_data(code or _CODES[status], str(message), field_of(field), str(clause))
        response = api.create_response(request, data, status=status)
        if status == 429:
            response["Retry-After"] = "60"
        if status == 401:
            response["WWW-Authenticate"] = "Bearer"
        return response

    def refused(request: HttpRequest, refusal: Any) -> HttpResponse:
        return answer(
            request,
            _status_of(request, refusal),
            _message_of(request, refusal),
            refusal.field,
            refusal.clause,
        )

    def absent(request: HttpRequest, error: Any) -> HttpResponse:
        return answer(request, 404, _("没有找到。"))

    def unread(request: HttpRequest, error: Any) -> HttpResponse:
        field, words = _first_of(error.errors)
        return answer(request, 422, words, field)

    def signed_out(request: HttpRequest, error: Any) -> HttpResponse:
        return answer(request, 401, _("请在 Authorization: Bearer 里给出有效的密钥，或者先登录。"))

    def other(request: HttpRequest, error: Any) -> HttpResponse:
        words = _("请求正文读不出来：须是 UTF-8 的 JSON。") if error.status_code == 400 else error.message
        field = "body" if error.status_code == 400 else ""
        code = "scope" if isinstance(error, NotInScope) else ""
        return answer(request, error.status_code, words, field, code=code)

    api.add_exception_handler(Refused, refused)
    api.add_exception_handler(Http404, absent)
    api.add_exception_handler(ValidationError, unread)
    api.add_exception_handler(HttpError, other)
    api.add_exception_handler(AuthenticationError, signed_out)


def _status_of(request: HttpRequest, refusal: Refused) -> int:
    """Outside one's places there is nothing, whether it exists or not; a step that is not one's own is not allowed."""
    if isinstance(refusal, NotVisible) or (isinstance(refusal, NotAllowed) and request.method == "GET"):
        return 404
    if isinstance(refusal, NotAllowed):
        return 403
    return 409 if isinstance(refusal, Conflict) else 422


def _message_of(request: HttpRequest, refusal: Refused) -> object:
    return _("没有找到。") if _status_of(request, refusal) == 404 else refusal.message


def _first_of(errors: Iterable[dict[str, Any]]) -> tuple[str, str]:
    """Field and words of the first thing wrong with what was sent."""
    first = next(iter(errors))
    names = [
        str(part)
        for part in first["loc"]
        if isinstance(part, str) and part not in ("query", "path", "header", "data")
    ]
    field = names[-1] if names else "body"
    with_name = {"field": str(NAMES.get(field, field))}
    if first["type"] in _ABSENT:
        return field, _("请给出%(field)s。") % with_name
    why = next((words for kind, words in _TYPES.items() if first["type"].startswith(kind)), _("格式不对"))
    return field, _("%(field)s的值不对：%(why)s。") % {**with_name, "why": why}
