"""What docs/deploy.md, compose.yaml and .ci/run say of the settings is what the code reads."""

from __future__ import annotations

import re
from itertools import chain

import yaml

from scripts.programs import ROOT

READ = {
    "crampinfo/settings.py": r'env\.\w+\(\s*"([A-Z_]+)"',
    "crampinfo/lib/env.py": r'(?:text|whole)\("([A-Z_]+)"',
    "deploy/gunicorn.py": r"environ\.get\(['\"]([A-Z_]+)['\"]",
}
# Of the composition alone: the code never sees them.
COMPOSE_ONLY = {"POSTGRES_PASSWORD", "FILES"}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def variables_read() -> set[str]:
    """Every variable that the code asks the environment for."""
    return set(chain.from_iterable(re.findall(pattern, text(name)) for name, pattern in READ.items()))


def test_every_setting_is_documented_and_no_other() -> None:
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", text("docs/deploy.md"), flags=re.MULTILINE))
    assert documented == variables_read()


def test_ci_forgets_every_setting_of_its_caller() -> None:
    forgotten = re.search(r"^unset (.*?[^\\])$", text(".ci/run"), flags=re.MULTILINE | re.DOTALL)
    assert forgotten is not None
    assert variables_read() - {"PORT"} <= set(forgotten[1].replace("\\", "").split())


def test_the_composition_demands_its_secrets_and_sets_only_what_exists() -> None:
    found = dict(re.findall(r"\$\{([A-Z_]+)(:[?-])", text("compose.yaml")))
    assert {name for name, mode in found.items() if mode == ":?"} == {"SECRET_KEY", "SITE_URL", "POSTGRES_PASSWORD"}
    assert set(found) - COMPOSE_ONLY <= variables_read()


def test_the_composition_migrates_before_anything_serves() -> None:
    services = yaml.safe_load(text("compose.yaml"))["services"]
    for name in ("web", "worker"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert services[name]["environment"]["PRODUCTION"] == "1"


def test_the_image_holds_what_runs_and_nothing_else() -> None:
    allowed = set(re.findall(r"^!(\S+)", text(".dockerignore"), flags=re.MULTILINE))
    assert {"articles", "crampinfo", "products", "reviews", "scripts", "deploy", "templates", "static"} <= allowed
    assert not allowed & {"var", "tests", ".git", ".env"}
