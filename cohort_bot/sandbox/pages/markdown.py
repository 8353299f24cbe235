"""GitHub-flavoured Markdown as HTML that is safe to show, whoever wrote it.

What GitHub does to HTML in Markdown is described in https://github.com/github/markup#github-markup. Here it
is stricter: comments vanish, a few bare formatting tags work, and every other tag shows as the text it is.
"""

from __future__ import annotations

import re
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup, escape
from mdit_py_plugins.tasklists import tasklists_plugin

# Tags without any attribute; `details` may also be open from the start.
_BARE = "b|br|code|del|details|em|i|ins|kbd|s|strong|sub|summary|sup"
_HARMLESS = re.compile(rf"</?(?:{_BARE})\s*/?>|<details open>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# Bodies sit below a page's own headings, so theirs are moved down.
_DEEPER = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6"}


def render(text: str | None, base: str = "", breaks: bool = False) -> Markup:
    """`text` as HTML. Relative links are resolved against `base`, the address of the folder it lies in.

    `breaks` keeps line breaks, as GitHub does in issues and comments, but not in files.
    """
    return Markup(_renderer(breaks).render(text or "", {"base": base}))  # noqa: S704 - nothing raw gets through, see below


@cache
def _renderer(breaks: bool) -> MarkdownIt:
    made = MarkdownIt("gfm-like", {"html": True, "linkify": True, "breaks": breaks}).use(
        tasklists_plugin, label=True
    )
    # Before the task lists, whose checkboxes are the one piece of HTML that we add ourselves.
    made.core.ruler.before("github-tasklists", "neutralise", _neutralise)
    made.core.ruler.push("adapt", _adapt)
    return made


def _neutralise(state: StateCore) -> None:
    """Let no HTML through but bare formatting tags."""
    for token in _all(state.tokens):
        if token.type in {"html_block", "html_inline"}:
            token.content = _harmless(_COMMENT.sub("", token.content))


def _harmless(html: str) -> str:
    kept, at = [], 0
    for tag in _HARMLESS.finditer(html):
        kept += [str(escape(html[at : tag.start()])), tag.group()]
        at = tag.end()
    return "".join([*kept, str(escape(html[at:]))])


def _adapt(state: StateCore) -> None:
    """Move headings down and resolve relative links."""
    base = state.env.get("base", "")
    for token in _all(state.tokens):
        if token.type.startswith("heading"):
            if token.nesting > 0:
                token.attrJoin("class", f"md-{token.tag}")
            token.tag = _DEEPER.get(token.tag, token.tag)
        for name in ("href", "src"):
            target = token.attrGet(name)
            if isinstance(target, str) and base and not re.match(r"[a-z][a-z0-9+.-]*:|/|#", target):
                kind = "raw" if token.type == "image" else "blob"
                token.attrSet(name, f"{base.replace('/blob/', f'/{kind}/', 1)}/{target}")


def _all(tokens: list[Token]) -> list[Token]:
    return [found for token in tokens for found in (token, *(token.children or ()))]
