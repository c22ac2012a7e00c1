"""The one place where contexts and adapters are put together: registries, declared SQL, stores, consumers, refusals."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from adapters.identity.secrets import Secrets
from adapters.postgres import billing, catalog, inventory, ledger, parties, procurement
from adapters.postgres.platform import notes, records
from adapters.postgres.session import Composition
from adapters.postgres.tenant_work import TenantWork
from adapters.postgres.types import Catalogue, Part
from bizcore.documents import AnyDocumentType
from bizcore.errors import BusinessError, SeparationOfDuties
from bizcore.pipeline import Consumer
from bizcore.platform.registry import platform_registry
from bizcore.registry import Registry
from contexts.billing.registry import REGISTRY as BILLING
from contexts.catalog.registry import REGISTRY as CATALOG
from contexts.inventory.consume import consume_stock
from contexts.inventory.registry import REGISTRY as INVENTORY
from contexts.ledger.consume import consume_accounting
from contexts.ledger.registry import REGISTRY as LEDGER
from contexts.parties.registry import REGISTRY as PARTIES
from contexts.procurement.registry import REGISTRY as PROCUREMENT
from services.api import access, webhooks

T = TypeVar("T")

CONTEXTS: Sequence[Registry] = (PARTIES, CATALOG, LEDGER, PROCUREMENT, INVENTORY, BILLING)
REGISTRIES: Sequence[Registry] = (platform_registry(CONTEXTS), *CONTEXTS)

PARTS: Sequence[Part] = (
    notes.PART,
    records.PART,
    access.PART,
    webhooks.PART,
    parties.PART,
    catalog.PART,
    ledger.PART,
    procurement.PART,
    inventory.PART,
    billing.PART,
)

# In one fixed wave, stock before accounting, because the books need the cost.
CONSUMERS: Sequence[Consumer] = (consume_stock, consume_accounting)


def document_types() -> Mapping[str, AnyDocumentType]:
    return {type.code: type for registry in REGISTRIES for type in registry.document_types}


def read_permissions() -> Mapping[str, str]:
    """By the kind of document or record."""
    records = [record for registry in REGISTRIES for record in registry.record_types]
    return {record.kind: record.permission("read") for record in records} | {
        code: type.permission("read") for code, type in document_types().items()
    }


def compose(secrets: Secrets) -> Composition:
    """Errors: ValueError when two parts declare the same thing."""
    return Composition(
        catalogue=Catalogue(
            documents=_merged(part.documents for part in PARTS),
            records=_merged(part.records for part in PARTS),
            limits=_merged(part.limits for part in PARTS),
            references=_merged(part.references for part in PARTS),
        ),
        types=document_types(),
        work=TenantWork,
        secrets=secrets,
        refusals={"separation_of_duties": _separation_of_duties} | _merged(part.refusals for part in PARTS),
    )


def _merged(parts: Iterable[Mapping[str, T]]) -> dict[str, T]:
    merged: dict[str, T] = {}
    for part in parts:
        if twice := merged.keys() & part.keys():
            raise ValueError(f"declared twice: {sorted(twice)}")
        merged.update(part)
    return merged


def _separation_of_duties() -> BusinessError:
    return SeparationOfDuties("Who created, changed, submitted or approved a document may not approve it.")
