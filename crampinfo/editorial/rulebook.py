"""The rules that the gate and the tests enforce: what each asks and where it comes from (rules.json, docs/rules.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; confirmed tells whether its primary text was read, or only what others say of it."""

    id: str
    section: str
    rule: str
    source: str
    severity: str
    confirmed: bool


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(__file__).with_name("rules.json").read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=1)
def rules() -> Mapping[str, Rule]:
    """Every rule by its id, in the order of the book."""
    return {name: Rule(id=name, **fields) for name, fields in _data()["rules"].items()}


def never_overridden(rule: str) -> bool:
    """Whether no role may let a breach of this rule pass (rules.md section 14); nor what our own models refuse."""
    return rule in _data()["never_overridden"] or rule == "PUB-02"
