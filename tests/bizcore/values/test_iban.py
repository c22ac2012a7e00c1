"""International bank account numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizcore.errors import ValidationFailed
from bizcore.values import electronic_iban

# Examples of the SWIFT registry of IBANs.
KNOWN = [
    "DE89370400440532013000",
    "GB29NWBK60161331926819",
    "FR1420041010050500013M02606",
    "NO9386011117947",
    "MT84MALT011000012345MTLCAST001S",
    "CH9300762011623852957",
]


@pytest.mark.parametrize("iban", KNOWN)
def test_the_registry_s_examples_hold_in_either_form(iban):
    printed = " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
    assert electronic_iban(iban) == iban
    assert electronic_iban(printed) == iban
    assert electronic_iban(printed.lower()) == iban


@given(st.sampled_from(KNOWN), st.integers(2, 33), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(iban, position, shift):
    at = position % len(iban)
    if iban[at].isdigit():
        wrong = iban[:at] + str((int(iban[at]) + shift) % 10) + iban[at + 1 :]
        with pytest.raises(ValidationFailed) as refusal:
            electronic_iban(wrong)
        assert refusal.value.fields[0].code == "INVALID_IBAN"


@given(st.sampled_from(KNOWN), st.integers(4, 32))
def test_two_neighbours_changing_places_are_always_found(iban, position):
    at = position % (len(iban) - 1)
    swapped = iban[:at] + iban[at + 1] + iban[at] + iban[at + 2 :]
    if swapped != iban:
        with pytest.raises(ValidationFailed):
            electronic_iban(swapped)


@pytest.mark.parametrize(
    "given_text", ["", "DE", "DE89", "89DE370400440532013000", "DE8937040044053201300٣", "DE89-3704"]
)
def test_what_has_another_shape_is_refused(given_text):
    with pytest.raises(ValidationFailed):
        electronic_iban(given_text)
