"""Bounded contexts: pure Python, each with one public door."""
