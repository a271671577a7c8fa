"""The public pages, a file a page type, on the demonstration's content."""
