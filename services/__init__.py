"""The processes: HTTP API, worker, command line."""
