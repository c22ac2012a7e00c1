"""The table of contents of the catalog."""

from bizcore.registry import Registered, Registry
from contexts.catalog.queries import ITEM, UNIT
from contexts.catalog.usecases.items import (
    ActivateItem,
    CreateItem,
    DeactivateItem,
    UpdateItem,
    activate_item,
    create_item,
    deactivate_item,
    update_item,
)
from contexts.catalog.usecases.units import CreateUnit, create_unit

REGISTRY = Registry(
    context="catalog",
    record_types=(ITEM, UNIT),
    commands=(
        Registered(CreateItem, "catalog.item.create", "POST items", create_item, ITEM),
        Registered(UpdateItem, "catalog.item.update", "PATCH items/{id}", update_item, ITEM),
        Registered(DeactivateItem, "catalog.item.deactivate", "POST items/{id}/deactivate", deactivate_item, ITEM),
        Registered(ActivateItem, "catalog.item.activate", "POST items/{id}/activate", activate_item, ITEM),
        Registered(CreateUnit, "catalog.unit.create", "POST units", create_unit, UNIT),
    ),
)
