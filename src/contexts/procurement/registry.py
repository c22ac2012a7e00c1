"""Everything that may be asked of procurement."""

from typing import Final

from bizcore.registry import Registered, Registry
from contexts.procurement.usecases.requisitions import (
    REQUISITION,
    AmendRequisition,
    ChangeRequisition,
    CreateRequisition,
    amend_requisition,
    change_requisition,
    create_requisition,
)

REGISTRY: Final = Registry(
    context="procurement",
    document_types=(REQUISITION,),
    commands=(
        Registered(
            CreateRequisition,
            "procurement.requisition.create",
            "POST procurement/requisitions",
            create_requisition,
            REQUISITION,
        ),
        Registered(
            ChangeRequisition,
            "procurement.requisition.update",
            "PATCH procurement/requisitions/{id}",
            change_requisition,
            REQUISITION,
        ),
        Registered(
            AmendRequisition,
            "procurement.requisition.amend",
            "POST procurement/requisitions/{id}/amend",
            amend_requisition,
            REQUISITION,
        ),
    ),
)
