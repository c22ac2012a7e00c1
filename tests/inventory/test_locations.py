"""Locations: places for goods."""

from __future__ import annotations

from uuid import UUID

import pytest

from bizcore.platform.errors import DuplicateCode
from tests.procurement.support import Department


async def test_a_location_is_renamed_and_its_code_stays_its_own(department: Department):
    made = await department.run("inventory.location.create", {"code": "EAST", "name": "East"})
    changed = await department.run("inventory.location.update", {"name": "Far east"}, id=made["id"], version=1)
    assert (changed["name"], changed["version"], changed["is_default"]) == ("Far east", 2, False)
    with pytest.raises(DuplicateCode):
        await department.run("inventory.location.create", {"code": "EAST", "name": "Other"})


async def test_a_new_company_has_a_place_for_its_goods(department: Department):
    body = {"code": "NORD", "name": "Acme Nord", "country": "DE", "currency": "EUR"}
    company = await department.run("platform.company.create", body)
    place = await department.fetch(
        "SELECT code, is_default FROM inventory.location WHERE company_id = $1", UUID(company["id"])
    )
    assert [(row["code"], row["is_default"]) for row in place] == [("NORD", True)]
