"""JSON read strictly: what two readers could understand differently is refused."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

from hub.errors import Undecodable

_LARGEST = 2.0**63
"""Of any integer that a field may hold. To make integers of 308 digits takes ten times as long (measured)."""
_TOO_FINE = "a number has more digits than any reader can hold"


def decode(content: bytes) -> Any:
    """Decode a JSON document in UTF-8; a number up to 2^63 without a fraction is an integer, however it is written.

    Raises:
        Undecodable: it is not JSON, not UTF-8, nested too deep, has a key twice, or a number that is none, too large,
            or an integer only to a reader of floats.
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


def _number(text: str) -> int | float:
    """Read a number that is written with a fraction or an exponent."""
    number = float(text)
    if math.isinf(number):
        raise Undecodable("a number is larger than any reader can hold")
    if not number.is_integer() or abs(number) > _LARGEST:
        return number
    try:
        exact = Decimal(text)
    except ArithmeticError:
        raise Undecodable(_TOO_FINE) from None
    whole = int(exact)
    if whole != exact:
        # To a reader of floats it is an integer; to one of decimals it is not.
        raise Undecodable(_TOO_FINE)
    return whole


_decode = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_number).decode
