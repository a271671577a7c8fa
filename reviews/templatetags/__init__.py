"""Template tags of lists and reviews."""
