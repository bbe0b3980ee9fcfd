"""JSON read strictly: what two readers could understand differently is refused."""

from __future__ import annotations

import json
import math
from typing import Any

from hub.errors import Undecodable


def decode(content: bytes) -> Any:
    """Decode a JSON document in UTF-8.

    Raises:
        Undecodable: it is not JSON, not UTF-8, nested too deep, has a key twice, or a number that is none or too large.
    """
    try:
        return _decode(content.decode())
    except UnicodeDecodeError:
        # None of these is chained: Python's errors hold the document.
        raise Undecodable("not UTF-8; expected JSON in UTF-8") from None
    except json.JSONDecodeError as error:
        raise Undecodable(f"not JSON (at character {error.pos + 1})") from None
    except RecursionError:
        raise Undecodable("nested too deep; no event is") from None
    except ValueError:
        raise Undecodable("not JSON that an event can have: a number has too many digits") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        # The key is the sender's text and is not repeated.
        raise Undecodable("an object has the same key twice; expected each once")
    return document


def _constant(_name: str) -> object:
    raise Undecodable("NaN or Infinity is not JSON; expected a number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise Undecodable("a number is larger than any reader can hold")
    return number


_decode = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_finite).decode
