"""The one place where contexts and adapters are put together: registries, declared SQL, stores, consumers, refusals."""

from collections.abc import Mapping, Sequence

from adapters.identity.secrets import Secrets
from adapters.postgres import procurement
from adapters.postgres.platform import notes
from adapters.postgres.session import Composition
from adapters.postgres.tenant_work import TenantWork
from adapters.postgres.types import Catalogue, Part
from bizcore.documents import AnyDocumentType
from bizcore.errors import BusinessError, SeparationOfDuties
from bizcore.pipeline import Consumer
from bizcore.registry import Registry
from contexts.procurement.registry import REGISTRY as PROCUREMENT

REGISTRIES: Sequence[Registry] = (PROCUREMENT,)

PARTS: Sequence[Part] = (notes.PART, procurement.PART)

# In one fixed wave, stock before accounting, because the books need the cost.
CONSUMERS: Sequence[Consumer] = ()


def document_types() -> Mapping[str, AnyDocumentType]:
    return {type.code: type for registry in REGISTRIES for type in registry.document_types}


def compose(secrets: Secrets) -> Composition:
    """Errors: ValueError when two parts declare the same thing."""
    documents, records, limits, references, refusals = {}, {}, {}, {}, {}
    for part in PARTS:
        for own, added in (
            (documents, part.documents),
            (records, part.records),
            (limits, part.limits),
            (references, part.references),
            (refusals, part.refusals),
        ):
            twice = own.keys() & added.keys()
            if twice:
                raise ValueError(f"declared twice: {sorted(twice)}")
            own.update(added)  # type: ignore[arg-type]
    return Composition(
        catalogue=Catalogue(documents=documents, records=records, limits=limits, references=references),
        types=document_types(),
        work=TenantWork,
        secrets=secrets,
        refusals={"separation_of_duties": _separation_of_duties, **refusals},
    )


def _separation_of_duties() -> BusinessError:
    return SeparationOfDuties("Who created, changed, submitted or approved a document may not approve it.")
