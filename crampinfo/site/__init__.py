"""Whole-site pages, search, imports, demo, checks (layer 6): nobody imports it."""
