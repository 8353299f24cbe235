"""Run a notebook from the first cell to the last: NOTEBOOK CELL_TIMEOUT ANSWER.

Writes how it went to ANSWER as JSON. Nothing can be asked of anybody: `input()` in a cell is an error.
"""

import json
import sys
from pathlib import Path

import nbclient
import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError


def main(notebook: str, timeout: str, answer: str) -> None:
    """Run it, and write the answer."""
    book = nbformat.read(notebook, as_version=4)
    client = nbclient.NotebookClient(
        book,
        timeout=int(timeout),
        kernel_name="python3",
        resources={"metadata": {"path": str(Path(notebook).parent)}},
    )
    told = {"name": "", "value": ""}
    try:
        client.execute()
    except CellExecutionError as error:
        told = {"name": str(error.ename), "value": str(error.evalue)}
    except CellTimeoutError:
        told = {"name": "CellTimeoutError", "value": f"a cell ran for longer than {timeout} s"}
    except DeadKernelError:
        told = {"name": "DeadKernelError", "value": "the kernel died"}
    Path(answer).write_text(json.dumps({**told, "cell": last_started(book)}), encoding="utf-8")


def last_started(book: nbformat.NotebookNode) -> int:
    """The number, among the code cells that hold something, of the last one that was begun."""
    cells = [cell for cell in book.cells if cell.cell_type == "code" and cell.source.strip()]
    begun = [number for number, cell in enumerate(cells, 1) if cell.metadata.get("execution")]
    return max(begun, default=0)


if __name__ == "__main__":
    main(*sys.argv[1:])
