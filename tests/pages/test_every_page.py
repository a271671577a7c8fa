"""What holds on every page that can be reached: structure, headers, privacy, and no dead link."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from urllib.parse import urldefrag, urljoin, urlsplit

from django.conf import settings

from tests.pages.reading import Page, get, host_of, name_of, visible

Pages = dict[str, Page]


def test_it_reaches_the_whole_demonstration(pages: Pages) -> None:
    kinds = Counter(path.split("/")[1] for path in pages)
    assert kinds["guides"] >= 7
    assert kinds["questions"] >= 12
    assert kinds["reviews"] >= 15
    assert kinds["lists"] >= 4, "with the way out of advertising"
    assert {"/now/", "/about/", "/terms/", "/privacy/", "/contact/", "/corrections/", "/transparency/"} <= pages.keys()


def test_no_link_is_dead(pages: Pages) -> None:
    assert {path: page.status for path, page in pages.items() if page.status != 200} == {}


def test_no_fragment_is_dead(pages: Pages) -> None:
    dead = []
    for path, page in pages.items():
        for link in page.all("a[href*='#']"):
            target, fragment = urldefrag(urljoin(path, str(link["href"])))
            if target in pages and not pages[target].soup.find(id=fragment):
                dead.append(f"{path}: {link['href']}")
    assert dead == []


def test_every_form_leads_somewhere(pages: Pages) -> None:
    forms = {
        (str(form["action"]).partition("#")[0], str(form.get("method", "get")).lower())
        for page in pages.values()
        for form in page.all("form")
    }
    assert {("/search/", "get"), ("/compare/", "get"), ("/lists/accessories/", "get")} <= forms
    assert {method for _action, method in forms} == {"get"}, "nothing on a cacheable page may need a token"
    assert {get(action).status for action, _method in forms} == {200}
    assert get("/search/").status == 200


def test_nobody_is_told_apart(pages: Pages) -> None:
    """Promise 6: no cookie, nothing that varies by one."""
    assert {path: page.cookies for path, page in pages.items() if page.cookies} == {}
    vary = {path: page.headers.get("Vary", "") for path, page in pages.items()}
    assert {path: value for path, value in vary.items() if "cookie" in value.lower()} == {}


def test_security_headers(pages: Pages) -> None:
    for path, page in pages.items():
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert not {"unsafe-inline", "unsafe-eval", "nonce-", "*"} & set(policy.replace("'", " ").split()), path
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert page.headers["X-Frame-Options"] == "DENY"


def test_nothing_is_loaded_from_another_host(pages: Pages) -> None:
    foreign = []
    for path, page in pages.items():
        for tag in page.all("[src], [srcset], [poster], [data], link[href], form[action], use[href], image[href]"):
            if tag.name == "link" and not {"stylesheet", "icon", "preload", "manifest", "modulepreload"} & set(
                tag["rel"]
            ):
                continue
            addresses = [str(tag[name]) for name in ("src", "poster", "data", "href", "action") if tag.has_attr(name)]
            addresses += [part.split()[0] for part in str(tag.get("srcset", "")).split(",") if part.strip()]
            foreign += [f"{path}: {address}" for address in addresses if host_of(address)]
    assert foreign == []


def test_nothing_is_inline(pages: Pages) -> None:
    """The policy would refuse it; structured data is no script."""
    for path, page in pages.items():
        assert page.all("[style], style, [onclick], [onload], [onerror]") == [], path
        assert [tag for tag in page.all("script:not([src])") if tag.get("type") != "application/ld+json"] == [], path
        assert page.all("a[href^='javascript:'], a[href^='data:']") == [], path


def test_one_h1_and_no_level_left_out(pages: Pages) -> None:
    wrong = {}
    for path, page in pages.items():
        levels = [int(tag.name[1]) for tag in page.all("h1, h2, h3, h4, h5, h6")]
        jumps = [pair for pair in zip(levels, levels[1:], strict=False) if pair[1] > pair[0] + 1]
        if levels.count(1) != 1 or levels[0] != 1 or jumps or not visible(page.one("h1")):
            wrong[path] = levels
    assert wrong == {}


def test_titles_and_descriptions(pages: Pages) -> None:
    """SEO-TECH-01: each page has its own."""
    titles, descriptions = defaultdict(list), defaultdict(list)
    for path, page in pages.items():
        if "?" in path:
            continue
        titles[page.one("head > title").get_text(strip=True)].append(path)
        description = page.soup.select_one("meta[name=description]")
        if description is not None:
            descriptions[str(description["content"])].append(path)
            assert 20 <= len(str(description["content"])) <= 160, f"{path}: {description['content']}"
        else:
            assert page.is_noindex, path
    assert "" not in titles
    assert {title: paths for title, paths in titles.items() if len(paths) > 1} == {}
    assert {text: paths for text, paths in descriptions.items() if len(paths) > 1} == {}


def test_canonical_address(pages: Pages) -> None:
    for path, page in pages.items():
        address = str(page.one("link[rel=canonical]")["href"])
        assert address == settings.SITE_URL + path.split("?")[0], path
        assert page.one("meta[property='og:url']")["content"] == address


def test_language_is_declared(pages: Pages) -> None:
    for path, page in pages.items():
        language = str(page.one("html")["lang"])
        assert language in dict(settings.LANGUAGES), path
        assert page.headers["Content-Language"] == language, path


def test_breadcrumbs(pages: Pages) -> None:
    """Home first, this page last, and every step between leads where it says."""
    for path, page in pages.items():
        if path in ("/", "/now/"):
            continue
        steps = page.all("nav.breadcrumb li")
        assert len(steps) >= 2, path
        assert steps[0].select_one("a[href='/']"), path
        assert steps[-1].select_one("[aria-current=page]"), path
        assert not steps[-1].select("a"), path
        for step in steps[:-1]:
            target = str(step.select("a")[0]["href"])
            assert pages[target].status == 200
            assert urlsplit(path).path.startswith(target), f"{path}: {target}"


def test_landmarks_and_skip_link(pages: Pages) -> None:
    for path, page in pages.items():
        first = page.all("body a, body button, body input")[0]
        assert first["href"] == "#main", path
        assert page.one("main")["id"] == "main", path
        assert len(page.all("body > header")) == len(page.all("body > footer")) == 1, path
        labels = [tag.get("aria-label") or tag.get("aria-labelledby") for tag in page.all("nav")]
        assert None not in labels, path
        assert len(set(labels)) == len(labels), f"{path}: {labels}"


def test_ids_are_unique_and_referred_to(pages: Pages) -> None:
    for path, page in pages.items():
        ids = Counter(str(tag["id"]) for tag in page.all("[id]"))
        assert [name for name, count in ids.items() if count > 1] == [], path
        for attribute in ("aria-labelledby", "aria-describedby", "aria-controls", "for"):
            named = {name for tag in page.all(f"[{attribute}]") for name in str(tag[attribute]).split()}
            assert named <= ids.keys(), f"{path}: {attribute}"


def test_pictures_have_words_and_a_size(pages: Pages) -> None:
    for path, page in pages.items():
        for image in page.all("img"):
            assert image.has_attr("alt"), path
            assert int(str(image["width"])) > 0, path
            assert int(str(image["height"])) > 0, path
        drawings = [tag for tag in page.all("svg") if not tag.find_parent("svg")]
        silent = [
            tag for tag in drawings if not (tag.get("aria-hidden") or tag.get("aria-label") or tag.select("title"))
        ]
        assert silent == [], path


def test_fields_have_labels(pages: Pages) -> None:
    for path, page in pages.items():
        for field in page.all("input:not([type=hidden]), select, textarea"):
            around = field.find_parent("label")
            named = page.all(f"label[for='{field.get('id')}']") or field.get("aria-label")
            assert named or (around is not None and visible(around)), f"{path}: {field}"


def test_one_name_one_target(pages: Pages) -> None:
    """A11Y-07: links that read the same lead to the same place, and none has no name at all."""
    confusing = []
    for path, page in pages.items():
        targets = defaultdict(set)
        for link in page.all("a[href]"):
            name = name_of(link)
            assert name, f"{path}: {link}"
            where = link.find_parent("sup")  # citations repeat their reference's number on purpose
            if where is None:
                targets[name.lower()].add(urljoin(path, str(link["href"])))
        confusing += [f"{path}: “{name}” → {sorted(found)}" for name, found in targets.items() if len(found) > 1]
    assert confusing == []


def test_tables_can_be_read_aloud(pages: Pages) -> None:
    """A11Y-06: header cells with a scope, and a name."""
    for path, page in pages.items():
        for table in page.all("table"):
            assert table.select("th[scope=col]"), f"{path}: a table without column headers"
            assert not table.select("th:not([scope])"), path
            region = table.find_parent(attrs={"role": "region"})
            assert table.find("caption") or (region and region.get("aria-label")), f"{path}: a table without a name"


def test_scores_are_text(pages: Pages) -> None:
    """A11Y-03: never by a bar alone."""
    for path, page in pages.items():
        for score in page.all("[data-score]"):
            assert 0 <= float(visible(score).replace(",", ".").split()[0].rstrip("of")) <= 10, path


LEFTOVERS = (
    "{{",
    "{%",
    "NaN",
    "undefined",
    "TODO",
    "TBD",
    "lorem ipsum",
    "[@",
    "[figure:",
    "offer:",
    "Decimal(",
    "[Insert",
)


def test_no_placeholder_is_left(pages: Pages) -> None:
    """PUB-01, on what readers see."""
    for path, page in pages.items():
        assert [sign for sign in LEFTOVERS if sign in page.text] == [], path
        assert not re.search(r">\s*None\s*<|=[\"']None", page.html.replace("<td>None</td>", "")), (
            path
        )  # "None" is a word, too
