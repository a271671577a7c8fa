"""The demonstration: its content files, and one account a role."""
