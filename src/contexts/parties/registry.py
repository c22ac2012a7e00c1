"""The table of contents of parties."""

from bizcore.registry import Registered, Registry
from contexts.parties.queries import PARTY, PAYMENT_TERMS
from contexts.parties.usecases.parties import (
    ActivateParty,
    CreateParty,
    DeactivateParty,
    EraseParty,
    UpdateParty,
    activate_party,
    create_party,
    deactivate_party,
    erase_party,
    update_party,
)
from contexts.parties.usecases.payment_terms import (
    CreatePaymentTerms,
    UpdatePaymentTerms,
    create_payment_terms,
    update_payment_terms,
)

REGISTRY = Registry(
    context="parties",
    record_types=(PARTY, PAYMENT_TERMS),
    commands=(
        Registered(CreateParty, "parties.party.create", "POST parties", create_party, PARTY),
        Registered(UpdateParty, "parties.party.update", "PATCH parties/{id}", update_party, PARTY),
        Registered(
            DeactivateParty, "parties.party.deactivate", "POST parties/{id}/deactivate", deactivate_party, PARTY
        ),
        Registered(ActivateParty, "parties.party.activate", "POST parties/{id}/activate", activate_party, PARTY),
        Registered(EraseParty, "parties.party.erase", "POST parties/{id}/erase", erase_party, PARTY),
        Registered(
            CreatePaymentTerms,
            "parties.payment_terms.create",
            "POST payment-terms",
            create_payment_terms,
            PAYMENT_TERMS,
        ),
        Registered(
            UpdatePaymentTerms,
            "parties.payment_terms.update",
            "PATCH payment-terms/{id}",
            update_payment_terms,
            PAYMENT_TERMS,
        ),
    ),
)
