"""What fills the places of a sentence, in JSON and back: a sentence that is kept is translated when it is read."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from models.rules.words import Listed, Terms, Words


def written(params: Mapping[str, object]) -> str:
    """The places and what fills them as canonical JSON: what is alike is written alike."""
    return json.dumps({name: _written(value) for name, value in params.items()}, ensure_ascii=False, sort_keys=True)


def read(text: str) -> dict[str, object]:
    """What `written` wrote."""
    found: dict[str, Any] = json.loads(text)
    return {name: _read(value) for name, value in found.items()}


def _written(value: object) -> Any:
    match value:
        case Terms():
            return {"terms": str(value)}
        case Words():
            return {"words": value.message, "params": {name: _written(each) for name, each in value.params.items()}}
        case Listed():
            return {"listed": [_written(each) for each in value.parts]}
        case Decimal():
            return {"number": str(value)}
        case date():
            return {"day": value.isoformat()}
        case str() | int():
            return value
    raise TypeError(f"a kept sentence cannot hold {type(value).__name__}")


def _read(value: Any) -> object:
    match value:
        case {"terms": text}:
            return Terms(text)
        case {"words": message, "params": params}:
            return Words(message, {name: _read(each) for name, each in params.items()})
        case {"listed": parts}:
            return Listed(tuple(_read(each) for each in parts))
        case {"number": text}:
            return Decimal(text)
        case {"day": text}:
            return date.fromisoformat(text)
    found: object = value
    return found
