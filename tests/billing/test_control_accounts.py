"""What an invoice charges to an account must not slip past the open items of a control account."""

from collections.abc import AsyncIterator

import pytest

from bizcore.settings import Settings
from tests.billing.support import DAY
from tests.support.api import Office, running_api


@pytest.fixture(scope="module")
async def office(servers: Settings) -> AsyncIterator[Office]:
    async with running_api(servers) as api:
        yield await api.sign_up("Controlled")


@pytest.mark.parametrize("account", ["2010", "1310", "1400", "2020"])
async def test_an_invoice_line_may_not_name_a_control_account(office: Office, account: str) -> None:
    supplier = await office.owner.made(
        "parties", {"name": f"Harbour {account}", "roles": ["supplier"], "country": "DE"}
    )
    line = {"description": "Freight", "quantity": "1", "unit_price": "80.00", "account": account}
    body = {"supplier": supplier["id"], "supplier_reference": account, "invoice_date": str(DAY), "lines": [line]}
    answer = await office.owner.post("billing/supplier-invoices", body)
    assert answer.status_code == 422
    (problem,) = answer.json()["error"]["details"]["fields"]
    assert (problem["path"], problem["code"], problem["given"]) == ("/lines/0/account", "CONTROL_ACCOUNT", account)
    body["lines"] = [line | {"account": "6110"}]
    made = await office.owner.made("billing/supplier-invoices", body)
    posted = await office.owner.made(f"billing/supplier-invoices/{made['id']}/post")
    assert posted["balance"] == "80.00"
