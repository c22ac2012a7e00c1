"""The surface of the platform's own records, and of the search over everybody's."""

from collections.abc import Sequence

from bizcore.platform.companies import COMPANY, CreateCompany, UpdateCompany, create_company, update_company
from bizcore.platform.search import search_over
from bizcore.registry import Registered, Registry

RECORD_TYPES = (COMPANY,)
COMMANDS = (
    Registered(CreateCompany, "platform.company.create", "POST companies", create_company, COMPANY),
    Registered(UpdateCompany, "platform.company.update", "PATCH companies/{id}", update_company, COMPANY),
)


def platform_registry(contexts: Sequence[Registry]) -> Registry:
    """The platform's own registry; `contexts` are all the others, which the search covers."""
    own = Registry(context="platform", record_types=RECORD_TYPES, commands=COMMANDS)
    return Registry(
        context="platform",
        record_types=RECORD_TYPES,
        commands=COMMANDS,
        queries=(search_over((own, *contexts)),),
    )
