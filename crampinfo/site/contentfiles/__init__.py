"""Content files: Markdown and YAML in, checked objects out; parse is pure, load is idempotent."""
