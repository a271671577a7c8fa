"""What each kind of content file may say: one frozen dataclass a kind, its annotations are the rules."""
