"""International bank account numbers, ISO 13616."""

import re
from typing import Final

from bizcore.errors import ValidationFailed

_SHAPE: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


def electronic_iban(given: str) -> str:
    """The electronic form, without spaces, of an IBAN whose check digits hold (ISO 7064, MOD 97-10).

    Errors: INVALID_IBAN.
    """
    iban = given.replace(" ", "").upper()
    if _SHAPE.fullmatch(iban) is None or not iban.isascii() or int(_digits(iban[4:] + iban[:4])) % 97 != 1:
        raise ValidationFailed.at(
            "",
            "INVALID_IBAN",
            "The check digits of this IBAN do not hold.",
            given=given[:40],
            allowed="DE89370400440532013000",
        )
    return iban


def _digits(text: str) -> str:
    """Letters as the numbers they stand for: A is 10, Z is 35."""
    return "".join(str(int(character, 36)) for character in text)
