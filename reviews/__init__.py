"""Judgement: methodology, scores, reviews, rankings, lists (layer 4)."""
