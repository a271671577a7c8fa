"""Template tags about money and bodies."""
