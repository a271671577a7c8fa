"""The house rules as tests, read from the source: layers, the firewall, what is safe, sizes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("crampinfo", "products", "reviews", "articles")

# 6 the whole site · 5 words · 4 judgement · 3 facts and money · 2 how anything gets published · 1 pure helpers
LAYERS = {
    "crampinfo.settings": 6, "crampinfo.urls": 6, "crampinfo.wsgi": 6, "crampinfo.site": 6,
    "articles": 5, "reviews": 4, "products": 3, "crampinfo.editorial": 2, "crampinfo.lib": 1, "crampinfo": 1,
}  # fmt: skip

MONEY_NAMES = {
    "AffiliateProgramme", "ClickCount", "LinkMode", "Merchant", "Offer", "Placement", "PlacementKind", "Price",
    "PriceSource", "Slot",
}  # fmt: skip
MONEY_MODULES = {
    "products.models.commerce", "products.models.placement", "products.models.slot", "products.models.programme",
    "products.affiliate", "products.clicks", "products.pricing", "products.bodies",
    "products.templatetags.money", "products.views",
}  # fmt: skip
MONEY_LOOKUPS = {
    "offer", "offers", "price", "prices", "placement", "placements", "programme", "programmes", "merchant",
    "clicks", "slot", "slots",
}  # fmt: skip
QUERIES = {
    "select_related", "prefetch_related", "filter", "exclude", "annotate", "values", "values_list", "order_by",
    "get",
}  # fmt: skip
# What of reviews may know money: it prints it, or it joins it to a finished order. Everything else there judges.
SHOWS_MONEY = {
    *("reviews.lists", "reviews.sheets", "reviews.overview", "reviews.views", "reviews.jsonld"),
    *("reviews.offers", "reviews.stock", "reviews.comparing", "reviews.templatetags.comparing", "reviews.pastview"),
    "reviews.exports",  # a list as data holds its placements
    "reviews.bookings",  # it refuses what money may not book
    "reviews.templatetags.rows",
    "reviews.models.ranking",  # a list names the slots that can be sold on it
    "reviews.models.review",  # its body field knows how links to shops are stored
    "reviews.models",
}  # fmt: skip

MAX_FILE, MAX_FUNCTION = 300, 40
MAX_STYLESHEET = 450  # a stylesheet is one list of rules: splitting it hides which rule wins


def module_name(path: Path) -> str:
    """crampinfo/lib/env.py is crampinfo.lib.env; a package's __init__ is the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    """Every module of ours but migrations."""
    found = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return {module_name(path): path for path in found if "migrations" not in path.parts}


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(modules()[name].read_text(encoding="utf-8"))


def layer(name: str) -> int:
    return next(
        LAYERS[prefix] for prefix in sorted(LAYERS, key=len, reverse=True) if f"{name}.".startswith(f"{prefix}.")
    )


def imports(name: str) -> Iterator[tuple[str, str, int]]:
    """(module, imported name or '', line) of every import of ours."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "", node.lineno) for alias in node.names if alias.name.split(".")[0] in PACKAGES)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno}: write the import in full, so that its layer shows"
            if (node.module or "").split(".")[0] in PACKAGES:
                yield from ((str(node.module), alias.name, node.lineno) for alias in node.names)


def targets(name: str) -> set[str]:
    """The modules that importing one runs: those it names, modules it takes from a package, and their packages."""
    found: set[str] = set()
    for module, imported, _ in imports(name):
        full = f"{module}.{imported}"
        wanted = full if full in modules() else module
        parts = wanted.split(".")
        found |= {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
    return found & modules().keys()


def reached(name: str) -> set[str]:
    """Everything of ours that runs when a module is imported."""
    seen: set[str] = set()
    waiting = {name}
    while waiting:
        current = waiting.pop()
        seen.add(current)
        waiting |= targets(current) - seen
    return seen


def test_it_reads_the_whole_project() -> None:
    assert {
        "crampinfo.settings",
        "crampinfo.lib.markup",
        "products.dose",
        "reviews.scoring",
        "articles.views",
    } <= modules().keys()
    assert [(target, name) for target, name, _ in imports("reviews.scoring")] == [("products", "dose")]
    assert {layer(name) for name in modules()} == {1, 2, 3, 4, 5, 6}
    assert layer("crampinfo.site.views") == 6
    assert layer("crampinfo.lib.env") == 1


def test_every_module_has_a_layer_of_its_own() -> None:
    loose = [
        name
        for name in modules()
        if name.startswith("crampinfo.") and layer(name) == 1 and not name.startswith("crampinfo.lib")
    ]
    assert loose == []


def test_imports_go_down_only() -> None:
    upward = [
        f"{name}:{line} (layer {layer(name)}) imports {target} (layer {layer(target)})"
        for name in modules()
        for target, _, line in imports(name)
        if layer(target) > layer(name)
    ]
    assert upward == []


def test_nothing_of_the_site_needs_the_tests_or_scripts() -> None:
    foreign = [
        f"{name}:{node.lineno}"
        for name in modules()
        for node in ast.walk(tree(name))
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("tests", "scripts", "bench")
    ]
    assert foreign == []


@pytest.mark.parametrize("name", ["reviews.scoring", "reviews.ranking"])
def test_judgement_reaches_no_model_of_products(name: str) -> None:
    """Promise 1: not even through a module that it imports, and no other database either."""
    found = reached(name)
    assert "products" in found, "the walk follows packages"
    assert [module for module in found if module.startswith("products.models") or module in MONEY_MODULES] == []
    assert [
        module for module in found if module.startswith(("reviews.models", "articles", "crampinfo.editorial"))
    ] == []


@pytest.mark.parametrize(
    "name", ["standing", "ownweights", "doses", "history", "scoring", "ranking", "models.methodology"]
)
def test_judgement_names_nothing_commercial(name: str) -> None:
    assert _money_imported(f"reviews.{name}") == []
    assert _money_looked_up(f"reviews.{name}") == []


def test_only_what_shows_money_knows_it() -> None:
    names = {name for name in modules() if name.split(".")[0] == "reviews" and ".admin" not in name}
    assert sorted(name for name in names if _money_imported(name)) == sorted(
        name for name in SHOWS_MONEY if name in names and _money_imported(name)
    )
    assert names >= SHOWS_MONEY, "SHOWS_MONEY names a module that is gone"


def _money_imported(name: str) -> list[str]:
    return [
        f"{name}:{line} {target}.{imported}"
        for target, imported, line in imports(name)
        if imported in MONEY_NAMES or target in MONEY_MODULES or f"{target}.{imported}" in MONEY_MODULES
    ]


def _money_looked_up(name: str) -> list[str]:
    """Look-ups that would reach a commercial table without an import: "product__offers__…" and .placements."""
    found = []
    for node in ast.walk(tree(name)):
        words: list[str] = []
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"-?\w+", node.value):
            words = node.value.lstrip("-").split("__")
        elif isinstance(node, ast.keyword) and node.arg and node.arg != "slots":  # dataclass(slots=True)
            words = node.arg.split("__")
        elif isinstance(node, ast.Attribute):
            words = [node.attr]
        found += [f"{name}:{getattr(node, 'lineno', '?')} {word}" for word in words if word in MONEY_LOOKUPS]
    return found


def _upward_names(of: int) -> set[str]:
    """Names under which models of a layer can look up to rows of higher layers."""
    return {
        name
        for model in apps.get_models()
        if model.__module__ in modules() and layer(model.__module__) <= of
        for relation in model._meta.related_objects
        if (where := relation.related_model.__module__) in modules() and layer(where) > of
        for name in (relation.name, relation.get_accessor_name())
        if name
    }


@pytest.mark.parametrize("of", [1, 2, 3, 4, 5])
def test_no_look_up_leads_upward(of: int) -> None:
    """ "review__state" in products would tie facts to judgement as firmly as an import does."""
    up = _upward_names(of)
    assert of != 3 or {"review", "ranking_entries"} <= up
    found = [
        f"{name}:{node.lineno} {text}"
        for name in modules()
        if layer(name) == of
        for node in ast.walk(tree(name))
        for text in _look_ups(node)
        if up & set(text.split("__"))
    ]
    assert found == []


def _look_ups(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"-?[a-z]\w*__\w+", node.value):
        return [node.value.lstrip("-")]
    if isinstance(node, ast.keyword) and node.arg and "__" in node.arg:
        return [node.arg]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        paths = node.func.attr in (
            "select_related",
            "prefetch_related",
            "filter",
            "exclude",
            "annotate",
            "values",
            "values_list",
            "order_by",
        )
        plain = [str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)]
        return [*plain, *(word.arg for word in node.keywords if word.arg)] if paths else []
    return []


def test_models_name_no_model_above_them() -> None:
    """ForeignKey("reviews.Review") in products would be an import in disguise."""
    labels = {
        model._meta.label.lower(): layer(model.__module__)
        for model in apps.get_models()
        if model.__module__ in modules()
    }
    found = [
        f"{name}:{node.lineno} {node.value}"
        for name in modules()
        for node in ast.walk(tree(name))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and labels.get(node.value.lower(), 0) > layer(name)
    ]
    assert found == []
    assert all(issubclass(model, models.Model) for model in apps.get_models())


def test_imports_stand_at_the_top() -> None:
    """A hidden import hides a layer; only ready() may wait for the models."""
    found = [
        f"{name}:{inner.lineno} in {function.name}"
        for name in modules()
        for function in ast.walk(tree(name))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function.name != "ready"
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert found == []


def test_only_markup_decides_what_is_safe() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name in modules()
        if name != "crampinfo.lib.markup"
        for node in ast.walk(tree(name))
        if (isinstance(node, ast.Name) and node.id in ("mark_safe", "SafeData"))
        or (isinstance(node, ast.Attribute) and node.attr in ("mark_safe", "__html__"))
        or (isinstance(node, ast.alias) and node.name == "mark_safe")
        or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("SafeString", "SafeText")
        )
    ]
    assert found == []


def test_every_module_says_what_it_is() -> None:
    assert [name for name in modules() if not (ast.get_docstring(tree(name)) or "").strip()] == []


def test_nothing_is_called_utils() -> None:
    """A name that says nothing collects everything."""
    banned = {"utils", "helpers", "common", "services", "selectors", "misc"}
    allowed = {"crampinfo.site.contentfiles.items.common"}  # the three fields that every content item has
    assert [name for name in modules() if banned & set(name.split(".")) and name not in allowed] == []


def test_no_exception_is_swallowed_whole() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name in modules()
        for node in ast.walk(tree(name))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")))
    ]
    assert found == []


def test_no_two_test_files_share_a_name() -> None:
    """Files outside packages are imported by their bare name: of two, only one can be collected."""
    names = [path.stem for path in (ROOT / "tests").rglob("test_*.py") if not (path.parent / "__init__.py").exists()]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_files_keep_to_size() -> None:
    assert [name for name, path in modules().items() if _lines(path) > MAX_FILE] == []
    assert [path.name for path in ROOT.glob("static/js/**/*.js") if _lines(path) > MAX_FILE] == []
    styles = [path for path in ROOT.glob("static/css/**/*.css") if path.name != "site.css"]
    assert [path.name for path in styles if _lines(path) > MAX_STYLESHEET] == []


def test_functions_keep_to_size() -> None:
    """Lines of code: a docstring is not counted."""
    sizes = {
        f"{name}.{node.name}": (node.end_lineno or 0) - node.lineno + 1 - _docstring_lines(node)
        for name in modules()
        for node in ast.walk(tree(name))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: size for name, size in sizes.items() if size > MAX_FUNCTION} == {}
    assert sorted(sizes.values())[len(sizes) // 2] <= 8, "the median function"


def _lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.body[0].end_lineno or 0) - node.body[0].lineno + 1 if ast.get_docstring(node) else 0
