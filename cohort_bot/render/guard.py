"""A Jinja environment whose templates always end: in text of bounded size, or in a clear problem.

Jinja's own sandbox keeps templates away from Python; it does not keep them from looping for ever or from
eating all memory. Here every step a template takes is paid from one `Budget`, text can grow only through
doors that measure it, and whatever could make much out of little (string methods, `%` formatting,
recursive loops, padding filters) is not offered. Bounded work bounds the time too, without a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any

from jinja2 import BaseLoader, TemplateRuntimeError, Undefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.runtime import BlockReference, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from cohort_bot.render.names import NamedUndefined
from cohort_bot.render.views import View

LIMIT = 65_536
"""GitHub's limit for the body of an issue or a comment, in characters."""
EFFORT = 1_000_000
"""What one rendering may spend, in steps. The shipped milestone issue takes about 40,000."""
LONGEST_RANGE = 1_000

_TEXT_FILTERS = ("capitalize", "lower", "title", "trim", "truncate", "upper", "urlencode", "wordcount")
_OTHER_FILTERS = (
    *("abs", "count", "d", "default", "dictsort", "first", "float", "groupby", "int", "items", "last"),
    *("length", "list", "map", "max", "min", "reject", "rejectattr", "reverse", "select", "selectattr"),
    *("sort", "unique"),
)
_SIZED = (str, list, tuple, dict, range)
_DICT_METHODS = frozenset({"get", "items", "keys", "values"})


class RunawayError(TemplateRuntimeError):
    """A template that would take too long or grow too large."""


class Budget:
    """The steps left to one rendering."""

    def __init__(self, steps: int = EFFORT) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Pay `steps`. Raises RunawayError when nothing is left."""
        self.left -= steps
        if self.left < 0:
            raise RunawayError("this template does far too much work\nLook for a loop that never gets less.")


class GuardedEnvironment(ImmutableSandboxedEnvironment):
    """Jinja with a budget. `filters` are added to the few of Jinja's own that are safe to offer."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, loader: BaseLoader, filters: dict[str, Callable[..., Any]]) -> None:
        super().__init__(
            loader=loader,
            undefined=NamedUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            finalize=self.printed,
        )
        self.code_generator_class = _Generator
        self.budget = Budget()
        self.globals = {"range": _short_range, "namespace": self.globals["namespace"]}
        own = {"join": self._join, "replace": self._replace, **filters}
        texts = own | {name: FILTERS[name] for name in _TEXT_FILTERS}
        self.filters = {name: self._charged(FILTERS[name]) for name in _OTHER_FILTERS}
        self.filters |= {name: self._charged(each, text=name != "join") for name, each in texts.items()}
        self.filters |= {_Generator.COUNTED: self._counted, _Generator.PRINTED: self.printed}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Data may be read; of methods only those of loops, macros and blocks, and a few of dictionaries."""
        if not super().is_safe_attribute(obj, attr, value):
            return False
        if isinstance(obj, dict):
            return attr in _DICT_METHODS
        return (
            not callable(value) or isinstance(obj, LoopContext) or isinstance(value, Macro | BlockReference)
        )

    def wrap_str_format(self, value: Any) -> None:
        """No `"…".format(…)`: a few characters of it can ask for a gigabyte of blanks."""

    def call(__self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a macro or function for a template, at a price. Jinja's odd names leave all keywords free."""
        __self.budget.spend(100)
        value = __self.bounded(super().call(__context, __obj, *args, **kwargs))
        __self.budget.spend(len(value) if isinstance(value, str) else 0)
        return value

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Work out `left operator right`, unless that would explode."""
        sized = [side for side in (left, right) if isinstance(side, str | list | tuple)]
        if operator == "%" and sized:
            raise SecurityError("text cannot be formatted with %\nJoin texts with ~ instead.")
        if operator == "*" and sized:
            times = right if sized[0] is left else left
            self._refuse_beyond(len(sized[0]) * times if isinstance(times, int) else 0)
        if operator == "**" and (abs(left) > 1_000_000 or abs(right) > 32):
            raise RunawayError("this power is too large")
        return self.bounded(super().call_binop(context, operator, left, right))

    def join_path(self, template: str, parent: str) -> str:
        """Called for every include, import and extends while rendering: each has its price."""
        self.budget.spend(2_000)
        return super().join_path(template, parent)

    def bounded(self, value: Any) -> Any:
        """`value`, if it is of a size that a page can need. Raises RunawayError."""
        if isinstance(value, str | list | tuple):
            self._refuse_beyond(len(value))
        if isinstance(value, int):
            self._refuse_beyond(0 if value.bit_length() <= 256 else LIMIT + 1)
        return value

    def printed(self, value: Any) -> Any:
        """`value` on its way into the page, where only text and numbers make sense."""
        if value is None or isinstance(value, list | tuple | dict | range | View):
            kind = "nothing" if value is None else "a list" if isinstance(value, list | tuple) else "no text"
            raise TemplateRuntimeError(
                f"what is printed here is {kind}\n"
                "Loop over it, join it, name one of its parts, or ask with `if`."
            )
        if not isinstance(value, Undefined):
            self.budget.spend(1 + (len(value) if isinstance(value, str) else 0))
        return value

    def _refuse_beyond(self, size: int) -> None:
        if size > LIMIT:
            raise RunawayError(f"this makes a value of more than {LIMIT:,} characters or items")

    def _counted(self, values: Iterable[Any], weight: int) -> Iterator[Any]:
        for value in values:
            self.budget.spend(weight)
            yield value

    def _charged(self, filter_: Callable[..., Any], text: bool = False) -> Callable[..., Any]:
        first = 1 if hasattr(filter_, "jinja_pass_arg") else 0

        @wraps(filter_)
        def charged(*args: Any, **kwargs: Any) -> Any:
            if text:
                self.printed(args[first])
            result = self.bounded(filter_(*args, **kwargs))
            self.budget.spend(10 + sum(len(each) for each in (*args, result) if isinstance(each, _SIZED)))
            return result

        return charged

    def _join(self, values: Iterable[Any], between: str = "") -> str:
        parts: list[str] = []
        size = 0
        for value in values:
            parts.append(str(self.printed(value)))
            size += len(parts[-1]) + len(between)
            self._refuse_beyond(size)
        return between.join(parts)

    def _replace(self, text: object, old: str, new: str) -> str:
        text = str(text)
        self._refuse_beyond(len(text) + text.count(old) * len(new))
        return text.replace(old, new)


class _Generator(CodeGenerator):
    """Compiles templates as Jinja does, with a turnstile at every loop and every joining of texts."""

    COUNTED = "every turn counts"  # names that no template can write
    PRINTED = "only what prints"

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        """Set up the turnstiles, then compile."""
        for loop in node.find_all(nodes.For):
            self._count(loop)
        for joined in node.find_all(nodes.Concat):
            joined.nodes = [_filtered(part, self.PRINTED) for part in joined.nodes]
        super().visit_Template(node, frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        """`a ~ b` is measured as a whole too."""
        self.write("environment.bounded(")
        super().visit_Concat(node, frame)
        self.write(")")

    def _count(self, loop: nodes.For) -> None:
        """A loop pays for each turn: for the nodes and for the plain text in its body."""
        if loop.recursive:
            self.fail("recursive loops are not offered here", loop.lineno)
        weight = 1 + sum(1 for _ in loop.find_all(nodes.Node))
        weight += sum(len(data.data) for data in loop.find_all(nodes.TemplateData))
        loop.iter = _filtered(loop.iter, self.COUNTED, nodes.Const(weight))


def _filtered(node: Any, name: str, *args: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, list(args), [], None, None, lineno=node.lineno)


def _short_range(*args: int) -> range:
    numbers = range(*args)
    if numbers[LONGEST_RANGE:]:
        raise RunawayError(f"range() may give at most {LONGEST_RANGE:,} numbers")
    return numbers
