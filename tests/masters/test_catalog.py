"""Items and units through the whole pipeline."""

from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest

from adapters.postgres.catalog.directory import PostgresItemDirectory
from adapters.postgres.catalog.standard import SHIPPED_UNITS
from bizcore.errors import UnknownReference, ValidationFailed
from bizcore.ids import new_id
from bizcore.platform.errors import DuplicateCode
from bizcore.values import Quantity, Unit

PAPER = {"name": "Paper A4", "kind": "stock", "unit": "EA"}


async def test_an_item_answers_with_what_it_was_given(masters):
    given = {"sku": "PAPER-A4", **PAPER, "standard_cost": "4.12500", "sales_price": "9.90", "category": "Office"}
    found = await masters.run("catalog.item.create", given)
    unit = (await masters.listed("unit", ("code", "EA")))[0]
    assert (found["unit"], found["unit_code"]) == (unit["id"], "EA")
    assert (found["standard_cost"], found["sales_price"], found["valuation"]) == ("4.125", "9.9", "fifo")
    listed = (await masters.listed("item", ("unit", "EA"), ("sku", "PAPER-A4")))[0]
    assert (listed["standard_cost"], listed["unit_code"], listed["name"]) == ("4.125", "EA", "Paper A4")
    assert await masters.listed("item", ("unit", "KGM"), ("sku", "PAPER-A4")) == []


async def test_a_service_has_no_valuation(masters):
    found = await masters.run("catalog.item.create", {**PAPER, "sku": "CLEANING", "kind": "service", "unit": "HUR"})
    assert found["valuation"] is None
    with pytest.raises(ValidationFailed) as refusal:
        await masters.run(
            "catalog.item.create", {**PAPER, "sku": "CLEANING-2", "kind": "service", "valuation": "average"}
        )
    assert refusal.value.fields[0].code == "STOCK_IS_VALUED"


async def test_a_standard_valuation_needs_its_cost_for_ever(masters):
    with pytest.raises(ValidationFailed):
        await masters.run("catalog.item.create", {**PAPER, "sku": "STD", "valuation": "standard"})
    item = await masters.run(
        "catalog.item.create", {**PAPER, "sku": "STD", "valuation": "standard", "standard_cost": "1"}
    )
    with pytest.raises(ValidationFailed):
        await masters.run("catalog.item.update", {"standard_cost": None}, id=UUID(item["id"]), version=1)


async def test_unit_kind_and_valuation_never_change(masters):
    item = await masters.run("catalog.item.create", {**PAPER, "sku": "FIXED"})
    for change in ({"unit": "KGM"}, {"kind": "service"}, {"valuation": "average"}):
        with pytest.raises(ValidationFailed) as refusal:
            await masters.run("catalog.item.update", change, id=UUID(item["id"]), version=1)
        assert refusal.value.fields[0].code == "UNKNOWN_FIELD"


async def test_an_item_of_an_unknown_unit_or_a_used_sku_is_refused(masters):
    with pytest.raises(UnknownReference):
        await masters.run("catalog.item.create", {**PAPER, "sku": "NEW", "unit": "FURLONG"})
    await masters.run("catalog.item.create", {**PAPER, "sku": "NEW"})
    with pytest.raises(DuplicateCode):
        await masters.run("catalog.item.create", {**PAPER, "sku": "NEW"})


async def test_an_item_changes_and_goes_out_of_use(masters):
    item = await masters.run("catalog.item.create", {**PAPER, "sku": "LIFE", "sales_price": "1.10"})
    id = UUID(item["id"])
    changed = await masters.run("catalog.item.update", {"sales_price": "1.1", "name": "Life"}, id=id, version=1)
    assert (changed["name"], changed["version"]) == ("Life", 2)
    assert (await masters.history(item["id"]))[1]["after"] == {"/name": "Life"}  # 1.1 is 1.10
    assert (await masters.run("catalog.item.deactivate", id=id))["active"] is False
    assert (await masters.run("catalog.item.activate", id=id))["active"] is True


async def test_the_shipped_units_convert_exactly_as_the_values_do(masters):
    units = await masters.listed("unit", ("limit", "200"), ("sort", "code"))
    shipped = [unit for unit in units if unit["code"] in SHIPPED_UNITS]
    assert len(shipped) == len(SHIPPED_UNITS)
    for unit in shipped:
        known = Unit.known[unit["code"]]
        assert Fraction(int(unit["numerator"]), int(unit["denominator"])) == known.factor
        assert unit["category"] == known.category


async def test_an_organization_adds_units_of_its_own(masters):
    pallet = await masters.run(
        "catalog.unit.create", {"code": "PALLET", "name": "Pallet of 48", "category": "count", "numerator": 48}
    )
    async with masters.tenant.connection() as connection:
        directory = PostgresItemDirectory(connection)
        each = (await masters.listed("unit", ("code", "EA")))[0]
        units = await directory.units([UUID(pallet["id"]), UUID(each["id"]), new_id()])
        assert set(units) == {UUID(pallet["id"]), UUID(each["id"])}
        item = await masters.run("catalog.item.create", {**PAPER, "sku": "PALLETED"})
        facts = (await directory.items([UUID(item["id"])]))[UUID(item["id"])]
        assert facts.in_stock_unit(Decimal("2.5"), units[UUID(pallet["id"])]) == Quantity(Decimal(120), "EA")
