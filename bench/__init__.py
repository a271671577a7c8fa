"""Benchmarks and the figures they hold; each file says how to run it."""
