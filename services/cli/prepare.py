"""What must be true of the databases before a service starts: control database, template, migrations."""

from __future__ import annotations

import asyncio
import os

from adapters.postgres.tenancy.provision import prepare_cluster
from bizcore.settings import Settings

if __name__ == "__main__":
    asyncio.run(prepare_cluster(Settings.read(os.environ).require_complete()))
