"""How JSONLogic reads one type as another, as JavaScript does, but exactly.

Where JavaScript would answer NaN or Infinity there is no number; arrays and objects are equal by content, never text.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from bizcore.rules.limits import CHARACTERS_A_STEP, MAX_BITS, MAX_DEPTH, MAX_DIGITS
from bizcore.values.exact import as_decimal, decimal_text

Number = int | Decimal | Fraction


def is_number(value: object) -> bool:
    return isinstance(value, int | Decimal | Fraction) and not isinstance(value, bool)


def truthy(value: object) -> bool:
    """Zero, "", null, false and the empty array are not; every object is."""
    return isinstance(value, dict) or bool(value)


def number(value: object) -> Fraction | None:
    """`value` as a number: text that writes one, true as 1, null and "" as 0; otherwise None."""
    if value is None or value == "":
        return Fraction(0)
    if isinstance(value, int | Fraction):
        return Fraction(value)
    if isinstance(value, Decimal):
        return Fraction(value) if _is_writable(value) else None
    if isinstance(value, str) and len(value) <= MAX_DIGITS:
        return numeral(value)
    return None


def numeral(text: str) -> Fraction | None:
    """The number that `text` writes without an exponent."""
    stripped = text.strip()
    whole, _, decimals = stripped.lstrip("+-").partition(".")
    if len(stripped) - len(stripped.lstrip("+-")) > 1 or not stripped.isascii():
        return None
    return Fraction(stripped) if whole.isdigit() and (decimals.isdigit() or "." not in stripped) else None


def exact(value: Fraction) -> Number:
    """A fraction as the decimal it equals, where there is one of reasonable length."""
    if value.numerator.bit_length() > MAX_BITS // 2 or value.denominator.bit_length() > MAX_BITS // 4:
        return value
    decimal = as_decimal(value)
    return value if decimal is None else decimal


def _is_writable(value: Decimal) -> bool:
    """Whether its digits can be written out: 1E+1000000 cannot, nor NaN."""
    return value.is_finite() and len(value.as_tuple().digits) <= 2 * MAX_DIGITS and abs(value.adjusted()) <= MAX_DIGITS


def same_instant_type(left: object, right: object) -> tuple[object, object]:
    """Dates have no JSON of their own: a text beside a date is read as one."""
    if isinstance(left, date) and isinstance(right, str):
        return left, _date_like(left, right)
    if isinstance(right, date) and isinstance(left, str):
        return _date_like(right, left), right
    return left, right


def _date_like(model: date, text: str) -> object:
    try:
        return datetime.fromisoformat(text) if isinstance(model, datetime) else date.fromisoformat(text)
    except ValueError:
        return None


def compare(left: object, right: object) -> int | None:
    """-1, 0 or 1 as `left` is less, equal or more; None when the two have no order."""
    left, right = same_instant_type(left, right)
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    if isinstance(left, date) and isinstance(right, date):
        if type(left) is not type(right) or _is_aware(left) != _is_aware(right):
            return None
        return (left > right) - (left < right)
    one, other = number(left), number(right)
    if one is None or other is None:
        return None
    return (one > other) - (one < other)


def _is_aware(value: date) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


def loosely_equal(left: object, right: object) -> bool:
    """`==`: null equals only null; numbers, texts that write numbers and booleans are compared as numbers."""
    if left is None or right is None:
        return left is right
    if isinstance(left, list | dict) or isinstance(right, list | dict):
        return strictly_equal(left, right)
    return compare(left, right) == 0


def strictly_equal(left: object, right: object) -> bool:
    """`===`: of one type and equal; 1 and 1.0 are one number."""
    left, right = same_instant_type(left, right)
    if is_number(left) and is_number(right):
        return compare(left, right) == 0
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(strictly_equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(strictly_equal(left[key], right[key]) for key in left)
    return type(left) is type(right) and left == right


def size(value: object) -> int:
    """How many steps it takes to look at all of it: one a value, and one more for every hundred characters."""
    if isinstance(value, dict):
        return 1 + sum(map(size, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(size, value))
    return 1 + len(value) // CHARACTERS_A_STEP if isinstance(value, str) else 1


def text(value: object) -> str | None:
    """`value` inside a longer text: null is empty, arrays are joined by commas; None for what no text can show."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | Decimal):
        return decimal_text(Decimal(value)) if _is_writable(Decimal(value)) else None
    if isinstance(value, list):
        parts = [text(item) for item in value]
        return None if None in parts else ",".join(part for part in parts if part is not None)
    return None


def plain_data(value: object, depth: int = 0) -> object:
    """`value` as rules see it: JSON with exact numbers and dates. Anything else is our own mistake."""
    if depth > MAX_DEPTH:
        raise ValueError(f"data for rules is at most {MAX_DEPTH} deep")
    match value:
        case None | bool() | str() | int() | Decimal() | Fraction() | date():
            return value
        case float():
            # Attributes that a JSON parser read: the shortest decimal of the double is what was written.
            return Decimal(repr(value))
        case UUID():
            return str(value)
        case Mapping():
            return {str(key): plain_data(item, depth + 1) for key, item in value.items()}
        case list() | tuple():
            return [plain_data(item, depth + 1) for item in value]
    raise ValueError(f"{type(value).__name__} is no data for rules")
