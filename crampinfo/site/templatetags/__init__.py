"""Template tags of the site's chrome."""
