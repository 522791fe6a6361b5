"""A GeoJSON file of boundaries as map software writes it: one place or many, each shape saying whose it is."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.place_codes import is_code

MOST_BYTES = 4 * 1024 * 1024
MOST_SHAPES = 2_000
CODE_PROPERTIES = ("code", "place_code", "代码", "区划代码", "网格代码")


def read_outlines(raw: bytes, place_code: str = "") -> list[tuple[str, Any]]:
    """(place code, geometry as it stands in the file) of each shape; nothing is checked of the geometry yet.

    A shape names its place in a property (`code`, `place_code`, 代码, …) or its `id`; a file of one shape that names
    none is that of `place_code`. Raises RuleViolation at "file".
    """
    if len(raw) > MOST_BYTES:
        raise _refused(
            _("文件有 {size:.1f} MB，最大 4 MB。请先简化边界，或分几次上传。").format(size=len(raw) / 1024**2)
        )
    shapes = _shapes(_loaded(raw))
    if not shapes:
        raise _refused(_("文件里没有图形。请重新导出 GeoJSON。"))
    if len(shapes) > MOST_SHAPES:
        raise _refused(
            _("文件里有 {n} 个图形，一次最多 {most} 个。请分几次上传。").format(
                n=len(shapes), most=MOST_SHAPES
            )
        )
    alone = place_code if len(shapes) == 1 else ""
    return [
        (_code_of(shape, number, alone), _geometry_of(shape)) for number, shape in enumerate(shapes, start=1)
    ]


def _loaded(raw: bytes) -> Any:
    text = None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    try:
        return json.loads(text or "")
    except (ValueError, RecursionError) as error:
        raise _refused(_("这不是 GeoJSON：文本读不出来。请用地图软件导出 GeoJSON 再上传。")) from error


def _shapes(given: Any) -> list[Any]:
    if isinstance(given, dict) and given.get("type") == "FeatureCollection":
        features = given.get("features")
        return features if isinstance(features, list) else []
    if isinstance(given, dict) and "type" in given:
        return [given]
    raise _refused(_("这不是 GeoJSON 图形。请用地图软件导出 GeoJSON 再上传。"))


def _code_of(shape: Any, number: int, alone: str) -> str:
    properties = shape.get("properties") if isinstance(shape, dict) else None
    named = [properties.get(key) for key in CODE_PROPERTIES] if isinstance(properties, dict) else []
    if isinstance(shape, dict):
        named.append(shape.get("id"))
    for value in [*named, alone]:
        text = (
            str(int(value)) if isinstance(value, float) and value.is_integer() else str(value or "").strip()
        )
        if text and is_code(text):
            return text
    raise _refused(
        _("第 {n} 个图形没有写明是哪个地方：请在属性里加一列 code，填社区、街道或网格的代码。").format(
            n=number
        )
    )


def _geometry_of(shape: Any) -> Any:
    return shape.get("geometry") if shape.get("type") == "Feature" else shape


def _refused(words: str) -> RuleViolation:
    return RuleViolation(words, field="file")
