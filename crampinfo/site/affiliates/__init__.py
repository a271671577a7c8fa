"""The affiliate desk: pages of the admin that need more than one table, from reports to the end of a merchant."""
