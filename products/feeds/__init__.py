"""What shops send: reading their formats (reading), their prices (amounts), a row (rows), and storing them (load)."""
