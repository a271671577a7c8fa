"""CrampInfo: a review site and CMS that prints what money did."""
