"""Sign-in of staff."""
