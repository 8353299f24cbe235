"""A benchmark's result: a table to read, JSON to compare, the date and the kind of machine."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
Cell = str | int | float


@dataclass
class Report:
    """One benchmark's table. `notes` say what was and was not measured."""

    name: str
    title: str
    columns: Sequence[str]
    rows: list[Sequence[Cell]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def publish(self, *, keep: bool) -> None:
        """Print it; with `keep`, store it beside the earlier ones too."""
        print(self.markdown())
        if keep:
            RESULTS.mkdir(exist_ok=True)
            (RESULTS / f"{self.name}.md").write_text(self.markdown(), encoding="utf-8")
            (RESULTS / f"{self.name}.json").write_text(self.json(), encoding="utf-8")

    def markdown(self) -> str:
        """The table, its notes, date and kind of machine."""
        lines = [f"# {self.title}", "", f"{today()}, {machine()}", ""]
        lines += [
            f"| {' | '.join(self.columns)} |",
            f"|{'|'.join(['---', *['---:'] * (len(self.columns) - 1)])}|",
        ]
        lines += [f"| {' | '.join(_shown(cell) for cell in row)} |" for row in self.rows]
        lines += ["", *(f"- {note}" for note in self.notes)]
        return "\n".join(lines) + "\n"

    def json(self) -> str:
        """The same for programs."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        facts = {"name": self.name, "date": today(), "machine": machine(), "rows": rows, "notes": self.notes}
        return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"


def _shown(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:,.2f}"
    return f"{cell:,}" if isinstance(cell, int) else cell


def today() -> str:
    """The date in UTC."""
    return datetime.now(UTC).date().isoformat()


def machine() -> str:
    """What kind of machine this is."""
    kind = f"{platform.system()} {platform.machine()}"
    return f"{os.cpu_count()} cores, {kind}, Python {platform.python_version()}"


def arguments(description: str | None) -> argparse.ArgumentParser:
    """What every benchmark understands."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--keep", action="store_true", help="write the result to benchmarks/results")
    parser.add_argument("--short", action="store_true", help="a small run, to see that it works")
    return parser
