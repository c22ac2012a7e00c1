from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

import pytest

from bizcore.errors import (
    BusinessError,
    ErrorKind,
    FieldProblem,
    PermissionDenied,
    UnknownReference,
    ValidationFailed,
    VersionConflict,
    plain,
)
from bizcore.values import Currency, Money, Quantity


class OverReceipt(BusinessError):
    code = "OVER_RECEIPT"


def test_a_refusal_carries_code_kind_message_and_details() -> None:
    refusal = OverReceipt("More than was ordered.", line=1, allowed=Quantity.parse("2", "EA"))
    assert (refusal.code, refusal.kind, refusal.message) == (
        "OVER_RECEIPT",
        ErrorKind.CONFLICT,
        "More than was ordered.",
    )
    assert plain(refusal.details) == {"line": 1, "allowed": {"quantity": "2", "unit": "EA"}}
    assert str(refusal) == "OVER_RECEIPT: More than was ordered."


def test_values_become_what_json_carries_exactly() -> None:
    class Colour(Enum):
        RED = "red"

    assert plain(
        {
            "money": Money(123450, Currency.of("EUR")),
            "decimal": Decimal("1E+2"),
            "date": date(2026, 2, 28),
            "instant": datetime(2026, 2, 28, 12, tzinfo=UTC),
            "id": UUID("01890a5d-ac96-774b-bcce-b302099a8057"),
            "colour": Colour.RED,
            "list": (1, None, True, "x"),
            "set": {"b", "a"},
        }
    ) == {
        "money": {"amount": "1234.50", "currency": "EUR"},
        "decimal": "100",
        "date": "2026-02-28",
        "instant": "2026-02-28T12:00:00+00:00",
        "id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "colour": "red",
        "list": [1, None, True, "x"],
        "set": ["a", "b"],
    }


@pytest.mark.parametrize("value", [0.1, object(), b"bytes", {"nested": [0.5]}])
def test_what_has_no_agreed_form_is_our_own_mistake(value: object) -> None:
    with pytest.raises(ValueError, match="has no plain form"):
        plain(value)


def test_a_value_refused_alone_is_located_by_whoever_read_it() -> None:
    with pytest.raises(ValidationFailed) as refusal:
        Money.parse("1.005", Currency.of("EUR"))
    located = refusal.value.within("/lines/0/unit_price")
    assert plain(located.details) == {
        "fields": [
            {
                "path": "/lines/0/unit_price",
                "code": "VALUE_TOO_PRECISE",
                "message": "At most 2 decimals are allowed.",
                "given": "1.005",
                "allowed": 2,
            }
        ]
    }


def test_an_unknown_reference_is_a_problem_of_its_field() -> None:
    refusal = UnknownReference("/supplier", "ACME")
    assert (refusal.code, refusal.kind) == ("VALIDATION_FAILED", ErrorKind.INVALID)
    assert refusal.fields == (
        FieldProblem("/supplier", "UNKNOWN_REFERENCE", "Nothing is known as ACME.", given="ACME"),
    )


def test_a_refusal_of_permission_names_it_and_a_stale_version_tells_the_current_one() -> None:
    assert PermissionDenied("billing.payment.create").details == {"permission": "billing.payment.create"}
    assert VersionConflict(given=2, current=5).details == {"given": 2, "current": 5}
