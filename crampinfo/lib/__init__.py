"""Pure helpers without models: layer 1, importable by everyone."""
