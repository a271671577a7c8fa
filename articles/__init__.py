"""Words: guides, questions, FAQ, pages, comments (layer 5)."""
