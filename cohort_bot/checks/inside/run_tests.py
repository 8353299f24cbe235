"""Run pytest under coverage as SETTINGS.json says, and leave a JUnit report and a coverage report.

pytest and coverage are imported before the project's folders join the path, so that no file of the project
can take their names.
"""

import json
import sys
from pathlib import Path

import coverage
import pytest


def main(settings_file: str) -> int:
    """Run the tests; the exit code is pytest's."""
    settings = json.loads(Path(settings_file).read_text(encoding="utf-8"))
    sys.path[:0] = settings["paths"]
    watch = coverage.Coverage(
        data_file=None, config_file=False, source=settings["source"], omit=settings["omit"], messages=False
    )
    watch.start()
    code = pytest.main(settings["arguments"])
    watch.stop()
    watch.get_data().touch_files(settings["files"])
    try:
        watch.json_report(outfile=settings["coverage"], ignore_errors=True)
    except coverage.exceptions.NoDataError:
        Path(settings["coverage"]).write_text("{}", encoding="utf-8")
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
