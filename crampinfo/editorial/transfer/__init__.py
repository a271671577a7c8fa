"""Tables in and out: files of rows, checked whole, shown as what they would change, then applied whole or not."""
