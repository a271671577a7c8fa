"""How anything gets published: states, gate, revisions, disclosures, ledger; authors, topics, references (layer 2)."""
