"""What readers download and run by themselves; nothing of the site imports it, and it imports nothing of the site."""
