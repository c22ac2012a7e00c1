"""Measurements by `make bench`: only ratios taken in one run carry over from one machine to another."""
