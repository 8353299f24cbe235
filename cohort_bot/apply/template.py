"""Making the template's repo and board. A refusal here ends the run: all learners' repos stand on them."""

from __future__ import annotations

from collections.abc import Sequence

from cohort_bot.apply.view import Settings, View
from cohort_bot.change import Action, Change, Thing
from cohort_bot.forge.protocol import Reply, Writer
from cohort_bot.state import Board, Files, Repo


class Template:
    """Carries out the template's changes, one a request."""

    def __init__(self, view: View, writer: Writer, settings: Settings) -> None:
        self._view, self._writer, self._settings = view, writer, settings

    def carry_out(self, changes: Sequence[Change]) -> list[Reply]:
        """A reply for each change. Raises ForgeError where one is refused."""
        return [self._write(change) for change in changes]

    def _write(self, change: Change) -> Reply:
        match change.thing, change.action, change.new:
            case Thing.REPO, Action.CREATE, Repo() as repo:
                return self._writer.create_template(self._settings.org, repo)
            case Thing.REPO, Action.UPDATE, _:
                self._writer.mark_template(self._path(change))
            case Thing.FILES, _, Files() as files:
                self._commit(change, files)
            case Thing.BOARD, Action.CREATE, Board() as board:
                return self._make_board(change, board)
            case Thing.BOARD, Action.UPDATE, _:
                self._writer.mark_board_template(self._view.get(change.repo, Thing.BOARD))
            case Thing.VIEW, _, _:
                number = self._view.board_numbers[change.repo]
                self._writer.create_view(self._settings.org, number, change.key)
        return Reply()

    def _path(self, change: Change) -> str:
        return f"{self._settings.org}/{change.repo}"

    def _commit(self, change: Change, files: Files) -> None:
        contents = {name: self._settings.contents[blob] for name, blob in files.blobs.items()}
        template = self._view.actual.template
        self._writer.commit(self._path(change), template.head if template else None, contents)

    def _make_board(self, change: Change, board: Board) -> Reply:
        repo_id = self._view.get(change.repo, Thing.REPO)
        made = self._writer.create_board(self._view.actual.org_id, repo_id, board)
        self._view.board_numbers[change.repo] = made.number
        return made
