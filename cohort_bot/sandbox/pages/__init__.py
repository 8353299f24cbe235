"""Pages that a person can read, at the addresses that the sandbox gives out as `html_url`.

They show everything to everybody who can reach the port: the sandbox runs on the organiser's own machine,
and a rehearsal is easier to look at without signing in. Nothing can be changed here.
"""

from __future__ import annotations

from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import NotFound as NoRoute
from werkzeug.routing import Map, Rule

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import repos
from cohort_bot.sandbox.failures import NotFound
from cohort_bot.sandbox.pages import board, history, home, issue, listing, repo
from cohort_bot.sandbox.pages.view import Page, missing

_REPO = "/<owner>/<name>"
_BOARD = "/<any(orgs, users):kind>/<owner>/projects/<int:number>"
ROUTES = Map(
    [
        Rule("/", endpoint=home.start),
        Rule("/<owner>", endpoint=home.account),
        Rule("/orgs/<owner>/<any(repositories, projects, people):_>", endpoint=home.account),
        Rule(_BOARD, endpoint=board.show),
        Rule(f"{_BOARD}/views/<int:view>", endpoint=board.show),
        Rule(_REPO, endpoint=repo.overview),
        Rule(f"{_REPO}/invitations", endpoint=repo.overview),
        Rule(f"{_REPO}/tree/<path:place>", endpoint=repo.folder),
        Rule(f"{_REPO}/blob/<path:place>", endpoint=repo.file),
        Rule(f"{_REPO}/raw/<path:place>", endpoint=repo.raw),
        Rule(f"{_REPO}/commits", endpoint=history.log),
        Rule(f"{_REPO}/commits/<path:ref>", endpoint=history.log),
        Rule(f"{_REPO}/commit/<ref>", endpoint=history.commit),
        Rule(f"{_REPO}/actions", endpoint=history.runs),
        Rule(f"{_REPO}/actions/runs/<int:run>", endpoint=history.runs),
        Rule(f"{_REPO}/<any(issues, pulls):kind>", endpoint=listing.issues),
        Rule(f"{_REPO}/milestones", endpoint=listing.milestones),
        Rule(f"{_REPO}/milestone/<int:number>", endpoint=listing.milestone),
        Rule(f"{_REPO}/<any(issues, pull):_>/<int:number>", endpoint=issue.show),
    ],
    strict_slashes=False,
)
_NOT_PAGES = ("/api/", "/_sandbox", "/graphql")


def handle(request: Request, context: Context) -> Response | None:
    """The page that is asked for; None if the request is not a browser's or means something else."""
    accepted = request.headers.get("Accept", "")
    browsing = "text/html" in accepted or "image/" in accepted
    if request.method not in {"GET", "HEAD"} or not browsing or request.path.startswith(_NOT_PAGES):
        return None
    try:
        show, arguments = ROUTES.bind(request.host).match(request.path, "GET")
    except (NoRoute, HTTPException):
        return None
    page = Page(context, request)
    try:
        response: Response = show(page, **{name: value for name, value in arguments.items() if name != "_"})
    except repos.Moved as moved:
        rest = request.path.split("/", 3)[3:]
        target = "/".join([f"/{repos.full_name(context, moved.repo)}", *rest])
        return Response(status=301, headers={"Location": target})
    except NotFound:
        return missing(page) if page.account_known(arguments.get("owner", "")) else None
    return response
