"""`bizcore demo`: replays real purchasing cases through the HTTP API and proves what came of them."""

from services.cli.demo.command import main

__all__ = ["main"]
