"""The platform's own records: companies with their policies, and the search over everything."""
