"""The one door to the forge: every request passes here, is paced, tried again where that is safe, and has its
failure turned into one of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from github import Github
from github.Auth import Auth

from cohort_bot.errors import ForgeError, PartialError
from cohort_bot.forge import answers
from cohort_bot.forge.answers import Answer, Kind
from cohort_bot.forge.pace import Ask, Pace

API_VERSION = "2022-11-28"
TRIES = 5
# An address where nothing has ever answered is more likely wrong than down.
TRIES_AT_FIRST = 2
# At the doubling wait of a limit that does not say how long it lasts, these reach beyond an hour.
LIMIT_TRIES = 12
TIMEOUT = 60

Json = answers.Json


class UnclearError(PartialError):
    """A write was sent and no answer came: it may or may not have taken effect. Read before writing again."""


class UnreachableError(ForgeError):
    """Nothing answers at the forge's address."""


class OverloadedError(PartialError):
    """The forge gave up on a query: ask for less at once."""


def graphql_url(api_url: str) -> str:
    """Where GraphQL is, given the REST address.

    GitHub.com has it at `/graphql`, an Enterprise Server at `/api/graphql` beside `/api/v3`
    (https://docs.github.com/en/enterprise-server@latest/graphql/guides/forming-calls-with-graphql).
    """
    base = api_url.rstrip("/")
    return (
        f"{base.removesuffix('/v3')}/graphql"
        if urlsplit(base).path.endswith("/api/v3")
        else f"{base}/graphql"
    )


class Connection:
    """A forge at `api_url`, spoken to as `auth`."""

    def __init__(self, api_url: str, auth: Auth, pace: Pace) -> None:
        self.api_url = api_url.rstrip("/")
        self.pace = pace
        github = Github(
            auth=auth,
            base_url=self.api_url,
            # Its own retrying repeats writes whose answer was lost, and its throttle knows no content limit.
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
            timeout=TIMEOUT,
            user_agent="cohort-bot",
            api_version=API_VERSION,
        )
        self._requester = github.requester
        # Learns the installation's address where the credentials are a GitHub App's.
        self._auth = self._requester.auth or auth
        self._session = requests.Session()
        self._seen: dict[str, tuple[str, Any]] = {}
        self._answered = False
        self.scopes: frozenset[str] | None = None

    def rest(self, verb: str, path: str, body: Json | None = None, **query: object) -> Any:
        """One REST request; `path` starts with a slash. Returns the decoded answer, None for an empty one.

        What has been read before is asked for on condition that it has changed: a 304 costs no quota.
        """
        place = f"{path}?{urlencode(query)}" if query else path
        tag, known = self._seen.get(place, ("", None)) if verb == "GET" else ("", None)

        def send() -> Answer:
            headers = {"If-None-Match": tag} if tag else {}
            status, told, text = self._requester.requestJson(
                verb, path, parameters=query or None, headers=headers, input=body
            )
            return Answer(status, answers.lower(told), text)

        ask = Ask("core", verb != "GET", int(verb in {"POST", "PUT"}))
        answer = self._carry(send, f"{verb} {path}", ask)
        if answer.status == answers.NOT_MODIFIED:
            return known
        if verb == "GET" and (etag := answer.headers.get("etag")):
            self._seen[place] = (etag, answer.data)
        return answer.data

    def graphql(
        self, text: str, variables: Json, *, write: bool = False, makes: int = 0, hasty: bool = False
    ) -> tuple[Json, list[Json]]:
        """One GraphQL request: its data and its errors, both as the forge gave them.

        `makes` is how many things it creates. `hasty`: a query that could be asked for in smaller parts is
        not tried again but raises OverloadedError.
        """

        def send() -> Answer:
            reply = self._session.post(
                graphql_url(self.api_url),
                json={"query": text, "variables": variables},
                headers={"Authorization": f"Bearer {self._auth.token}", "User-Agent": "cohort-bot"},
                timeout=TIMEOUT,
            )
            return Answer(reply.status_code, answers.lower(reply.headers), reply.text, graphql=True)

        data = self._carry(send, "GraphQL", Ask("graphql", write, makes), hasty=hasty).data
        return data.get("data") or {}, data.get("errors") or []

    @property
    def token(self) -> str:
        """The token as it is, for git: let it go nowhere but into an environment."""
        return self._auth.token

    def close(self) -> None:
        """Let go of open connections."""
        self._session.close()
        self._requester.close()

    def _carry(self, send: Callable[[], Answer], what: str, ask: Ask, *, hasty: bool = False) -> Answer:
        """The answer to a request, however many tries it takes."""
        stumbles = refusals = 0
        while True:
            self.pace.before(ask)
            answer = self._try(send, what, ask)
            match answer.kind:
                case Kind.GOOD:
                    return answer
                case Kind.REFUSED:
                    raise answers.refused(answer, what)
                case Kind.LIMITED:
                    self.pace.refused(ask, answer.headers, refusals)
                    refusals += 1
                    if refusals == LIMIT_TRIES:
                        raise PartialError("GitHub's limit is used up", "Run the same command again later.")
                case _:
                    stumbles += 1
                    self._stumbled(answer, what, ask, stumbles, hasty=hasty)

    def _try(self, send: Callable[[], Answer], what: str, ask: Ask) -> Answer:
        try:
            answer = send()
        except requests.RequestException as error:
            self.pace.after(ask, {})
            if ask.write and not answers.never_sent(error):
                raise _unclear(what) from None
            return Answer(0, {}, type(error).__name__)
        self._answered = True
        self.pace.after(ask, answer.headers)
        if scopes := answer.headers.get("x-oauth-scopes"):
            self.scopes = frozenset(s.strip() for s in scopes.split(",") if s.strip())
        return answer

    def _stumbled(self, answer: Answer, what: str, ask: Ask, stumbles: int, *, hasty: bool) -> None:
        """Get ready for another try, or raise what there is to say."""
        if ask.write and answer.status:
            raise _unclear(what)
        if hasty:
            raise OverloadedError(f"GitHub gave up on {what}", "Run the same command again later.")
        if stumbles == (TRIES if self._answered else TRIES_AT_FIRST):
            raise self._given_up(answer, what)
        self.pace.pause(stumbles - 1)

    def _given_up(self, answer: Answer, what: str) -> PartialError | ForgeError:
        if answer.status:
            said = f"GitHub answers {what} with status {answer.status} and nothing that can be used"
            return PartialError(said, "Run the same command again later.")
        return UnreachableError(
            f"{self.api_url} cannot be reached ({answer.text})",
            "Check the network, and the address if you gave --api-url.",
        )


def _unclear(what: str) -> UnclearError:
    return UnclearError(
        f"no clear answer came to {what}: it may have taken effect or not",
        "Run the same command again: it looks first, then goes on.",
    )
