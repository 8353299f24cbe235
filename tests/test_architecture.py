"""The shape of the code: floors without circles, and heavy things only where they are used."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "cohort_bot"

# A room may import from the floors below it, never from its own floor or above.
FLOORS: list[set[str]] = [
    {"errors", "shipped", "__init__"},
    {"model", "state", "confine"},
    {"calendar", "owned", "change", "process", "conversation"},
    {"desired", "diff", "render", "tracking", "git", "rehearsal"},
    {"furnishing"},
    {"plan", "config", "evidence"},
    {"scaffold", "forge", "clones"},
    {"apply", "checks", "verdict", "diagnosis", "ending"},
    {"result", "examine", "actions", "ledger"},
    {"standing", "feedback"},
    {"reviews"},
    {"digest"},
    {"post"},
    {"reports"},
    {"verify"},
    {"cli"},
    {"__main__"},
]
# Their own house: the sandbox stands beside all of this, and only the command line starts it.
SANDBOX = "sandbox"
PURE = {
    "model",
    "state",
    "errors",
    "calendar",
    "owned",
    "change",
    "desired",
    "diff",
    "furnishing",
    "plan",
    "verdict",
    "standing",
    "conversation",
    "feedback",
    "digest",
    "rehearsal",
    "reviews",
}
DOORS_TO_THE_WORLD = {
    "os",
    "subprocess",
    "socket",
    "requests",
    "github",
    "time",
    "pathlib",
    "tempfile",
    "random",
}


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


@cache
def imported(path: Path) -> tuple[str, ...]:
    """Dotted names of everything that a module imports, wherever in it."""
    return tuple(_imports(ast.parse(path.read_text(encoding="utf-8"))))


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_used(path: Path) -> set[str]:
    inside = (name.split(".") for name in imported(path) if name.startswith("cohort_bot."))
    return {
        parts[1] if (ROOT / parts[1]).is_dir() or (ROOT / f"{parts[1]}.py").is_file() else "__init__"
        for parts in inside
    }


FLOOR_OF = {name: number for number, floor in enumerate(FLOORS) for name in floor}


def test_every_room_has_its_floor() -> None:
    assert {room(path) for path in modules()} - {SANDBOX} == set(FLOOR_OF)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_stands_only_on_those_below(path: Path) -> None:
    here = room(path)
    used = rooms_used(path) - {here}
    if here == SANDBOX:
        assert used <= {"errors", "__init__"}
        return
    assert SANDBOX not in used or here == "cli"
    assert {other for other in used - {SANDBOX} if FLOOR_OF[other] >= FLOOR_OF[here]} == set()


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)


def test_no_file_imports_in_a_circle() -> None:
    """Not even for types alone. A package's face only hands on what its files offer, and is no file here."""
    files = {module_of(path): path for path in modules() if path.stem != "__init__"}
    below = {
        name: {part for used in imported(path) for part in (used, used.rpartition(".")[0]) if part in files}
        for name, path in files.items()
    }
    TopologicalSorter({name: used - {name} for name, used in below.items()}).prepare()


@pytest.mark.parametrize("path", [p for p in modules() if room(p) in PURE], ids=str)
def test_the_core_touches_nothing_outside(path: Path) -> None:
    assert {name.split(".")[0] for name in imported(path)} & DOORS_TO_THE_WORLD == set()


def test_nothing_asks_whether_it_is_in_the_sandbox() -> None:
    curious = [
        p for p in modules() if "_sandbox/" in p.read_text(encoding="utf-8") and room(p) not in {SANDBOX}
    ]
    assert curious == []


def test_the_command_line_starts_without_heavy_packages() -> None:
    heavy = [
        "mlflow",
        "numpy",
        "docker",
        "sklearn",
        "onnxruntime",
        "github",
        "pydantic",
        "jinja2",
        "rich",
        "graphql",
    ]
    script = f"import sys, cohort_bot.cli; print([m for m in {heavy} if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
