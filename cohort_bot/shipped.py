"""Where the shipped roadmap and templates are: beside the code in a wheel, at the top of a checkout."""

from __future__ import annotations

from pathlib import Path

_INSTALLED = Path(__file__).parent / "shipped"
ROOT = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parent.parent
ROADMAP = ROOT / "roadmap.yaml"
TEMPLATES = ROOT / "templates"
