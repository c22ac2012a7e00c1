"""PostgreSQL, Valkey and an S3 server that come as Python packages, kept running as child processes."""
