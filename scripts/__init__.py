"""How CrampInfo is run and checked: stdlib only, because they run before any package is installed."""
