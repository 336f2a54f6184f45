"""What the documents say of the code is true: every path and name in them exists, and README's map is complete."""

import pydoc
import re
from pathlib import Path

import pytest

from tests.support.template import FUNCTIONS, LAYER
from tests.template.test_imports import ALLOWED, DOMAIN
from tools.paths import ROOT

README = (ROOT / "README.md").read_text()
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLES = ("fifth", "browser")  # a dialect and a folder that do not exist yet
OUTSIDE = {"tools", "ses", "local", "benchmarks"}  # rows of the table of imports that README gives in a sentence


def spans(document: Path) -> list[str]:
    """The code spans of a document, without those of its fenced blocks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_in_a_document_exists(document: Path) -> None:
    tops = "|".join(path.name for path in ROOT.iterdir() if path.is_dir())
    paths = {
        span
        for span in spans(document)
        if re.fullmatch(rf"({tops}|optout)/[\w./-]*|[\w./-]+\.(py|yaml|toml|md)", span)
        and not any(example in span for example in EXAMPLES)
    }
    assert not {path for path in paths if not any((root / path).exists() for root in (ROOT, LAYER, LAYER.parent))}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_name_of_the_package_in_a_document_exists(document: Path) -> None:
    names = {span for span in spans(document) if re.fullmatch(r"optout(\.\w+)+", span)}
    assert not {name for name in names if pydoc.locate(name) is None}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_between_documents_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text())
    assert not {link for link in links if not (document.parent / link).exists()}


def test_readme_shows_the_table_of_allowed_imports() -> None:
    shown: dict[str, set[str]] = {}
    for name, imports in re.findall(
        r"^\| `?(\w+)`? \| [^|]* \| ((?:ground|the standard)[^|]*) \|$", README, re.MULTILINE
    ):
        allowed, _, but = imports.partition(" but ")
        all_above = set(shown) if "every package above" in allowed else set()
        ground = {"ground"} if allowed.startswith("ground") else set()
        shown[name] = (ground | all_above | set(re.findall(r"`(\w+)`", allowed))) - set(re.findall(r"`(\w+)`", but))
    assert shown == {row: columns for row, columns in ALLOWED.items() if row not in OUTSIDE}
    assert shown.keys() >= DOMAIN.keys()


def test_readme_s_tree_names_every_folder_of_functions() -> None:
    (tree,) = re.findall(r"```\n(functions/.*?)```", README, re.DOTALL)
    words = set(re.findall(r"[\w-]+", tree))
    assert {path.name for path in FUNCTIONS.rglob("*/") if (path / "__init__.py").exists()} - {"search"} <= words
    assert {path.stem for path in (FUNCTIONS / "jobs").glob("[!_]*.py")} <= words
