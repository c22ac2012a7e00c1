"""The command `bizcore`."""
