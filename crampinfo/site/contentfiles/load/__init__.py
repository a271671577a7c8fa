"""Loading: idempotent, all or nothing, by kind in the order of the table."""
