"""Read Python files, without running them, for tests that test nothing and for code that alters outcomes."""

from __future__ import annotations

import ast
import builtins
import warnings
from collections.abc import Iterable, Iterator

from cohort_bot.evidence import Place, Suspicion

_BUILTINS = frozenset(dir(builtins))
# https://docs.pytest.org/en/stable/reference/reference.html#hooks: those that can turn a failure into a pass
_ALTERING = frozenset({
    "pytest_runtest_makereport", "pytest_runtest_protocol", "pytest_runtest_call", "pytest_pyfunc_call",
    "pytest_runtest_logreport", "pytest_report_teststatus", "pytest_sessionfinish", "pytest_runtestloop",
})  # fmt: skip
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def vacuous(path: str, source: str) -> tuple[Suspicion, ...]:
    """Tests in a file that cannot fail for anything that the project's code does."""
    tree = _parsed(source)
    if tree is None:
        return ()
    tests = (node for node in ast.walk(tree) if isinstance(node, _Function) and node.name.startswith("test"))
    found = ((test, *_why_vacuous(test)) for test in tests)
    return tuple(
        Suspicion(test.name, why, Place(path, test.lineno), claim) for test, why, claim in found if why
    )


def altering(path: str, source: str) -> tuple[Suspicion, ...]:
    """Functions of a file by which pytest would let it change what tests report."""
    tree = _parsed(source)
    if tree is None:
        return ()
    hooks = (node for node in ast.walk(tree) if isinstance(node, _Function) and node.name in _ALTERING)
    return tuple(
        Suspicion(hook.name, "it can change what tests report", Place(path, hook.lineno)) for hook in hooks
    )


def _parsed(source: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the learner's text, which is not ours to warn of
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _why_vacuous(test: _Function) -> tuple[str, str]:
    """Why `test` tests nothing, and what it claims; nothing when it may well test something."""
    claims = list(_claims(test))
    if not claims:
        return "it asserts nothing", ""
    fixed = _fixed_names(test)
    if all(_is_fixed(claim, fixed) for claim in claims):
        return "it asserts only what is always so", ast.unparse(claims[0])
    if all(_is_same(claim) for claim in claims):
        return "it compares a thing with itself", ast.unparse(claims[0])
    return "", ""


def _claims(test: _Function) -> Iterator[ast.expr]:
    """What a test claims: asserted expressions, `assert…` and `raises` calls, and `pytest.fail`."""
    for node in ast.walk(test):
        if isinstance(node, ast.Assert):
            yield node.test
        elif isinstance(node, ast.Call) and _is_claim(node.func):
            yield node


def _is_claim(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return "assert" in name.lower() or name in (
        "raises",
        "warns",
        "fail",
        "raise_for_status",
        "check",
        "verify",
    )


def _fixed_names(test: _Function) -> frozenset[str]:
    """Local names that are only ever given values which nothing outside the test decides."""
    fixed: set[str] = set()
    for node in ast.walk(test):
        if isinstance(node, ast.Assign) and _is_fixed(node.value, frozenset(fixed)):
            fixed |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return frozenset(fixed)


def _is_fixed(expression: ast.expr, fixed: frozenset[str]) -> bool:
    names = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
    return names <= (fixed | _BUILTINS)


def _is_same(claim: ast.expr) -> bool:
    if not isinstance(claim, ast.Compare) or len(claim.comparators) != 1:
        return False
    return ast.dump(claim.left) == ast.dump(claim.comparators[0])


def all_of(found: Iterable[tuple[Suspicion, ...]]) -> tuple[Suspicion, ...]:
    """Several files' suspicions as one."""
    return tuple(one for several in found for one in several)
