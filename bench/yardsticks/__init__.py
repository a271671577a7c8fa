"""What other things are measured by: the least that a server, Django and nginx can do."""
