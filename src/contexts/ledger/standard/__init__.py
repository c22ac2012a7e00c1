"""What package `standard` ships of the ledger: chart, account roles, posting rules, taxes by country."""
