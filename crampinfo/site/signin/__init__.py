"""Sign-in of staff: allauth's pages at /accounts/, the second factor, and what stands before the admin."""
