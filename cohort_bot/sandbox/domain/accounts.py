"""Users, organisations, memberships and tokens."""

from __future__ import annotations

import json
import re
import secrets
import string

from cohort_bot.sandbox.context import ADMIN_SCOPES, Actor, Context
from cohort_bot.sandbox.failures import NotFound, invalid_field
from cohort_bot.sandbox.gitobjects import Person
from cohort_bot.sandbox.store import Row

# https://docs.github.com/en/enterprise-cloud@latest/admin/managing-iam/iam-configuration-reference/username-considerations-for-external-authentication
LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}")
BOT = "github-actions[bot]"
_ALPHABET = string.ascii_letters + string.digits


def by_id(ctx: Context, account_id: int | None) -> Row | None:
    """The account with that id; remembered for the length of the request."""
    if account_id is None:
        return None
    key = ("account", account_id)
    if key not in ctx.cache:
        ctx.cache[key] = ctx.db.one("SELECT * FROM accounts WHERE id = ?", account_id)
    found = ctx.cache[key]
    return found if isinstance(found, dict) else None


def known(ctx: Context, login: str) -> Row | None:
    """The account with that login, if the sandbox has met it."""
    return ctx.db.one("SELECT * FROM accounts WHERE login = ? AND NOT absent", login)


def find(ctx: Context, login: str) -> Row | None:
    """The account with that login. Any well-formed login is somebody, unless registered as absent."""
    found = ctx.db.one("SELECT * FROM accounts WHERE login = ?", login)
    if found:
        return None if found["absent"] else found
    return create(ctx, login) if LOGIN.fullmatch(login) else None


def need(ctx: Context, login: str) -> Row:
    """As `find`, refusing when there is nobody."""
    found = find(ctx, login)
    if found is None:
        raise NotFound
    return found


def create(ctx: Context, login: str, kind: str = "User", **columns: object) -> Row:
    """A new account. It stays even if the request that met it first only reads: its id has been told."""
    sql = "INSERT OR IGNORE INTO accounts (login, kind, created_at, updated_at) VALUES (?, ?, ?, ?)"
    with ctx.db.apart() as db:
        db.run(sql, login, kind, ctx.now, ctx.now)
        # Two requests may meet the same login at once; the one that comes second finds it here.
        row = db.one("SELECT * FROM accounts WHERE login = ?", login)
        if row is None:
            raise NotFound
        db.update("accounts", row["id"], **columns)
    ctx.cache["account", row["id"]] = row | columns
    return row | columns


def org(ctx: Context, login: str) -> Row:
    """The organisation with that login, or a 404."""
    found = known(ctx, login)
    if found is None or found["kind"] != "Organization":
        raise NotFound
    return found


def role_in(ctx: Context, org_id: int, user_id: int | None) -> str | None:
    """`admin` (an owner), `member`, or None; invitations that are pending do not count."""
    if user_id is None:
        return None
    key = ("role", org_id, user_id)
    if key not in ctx.cache:
        sql = "SELECT role FROM memberships WHERE org_id = ? AND user_id = ? AND state = 'active'"
        ctx.cache[key] = ctx.db.value(sql, org_id, user_id)
    found = ctx.cache[key]
    return found if isinstance(found, str) else None


def set_member(ctx: Context, org_row: Row, user: Row, role: str, state: str = "active") -> None:
    """Put a user into an organisation, or change what they are in it; `role` is admin or member."""
    inviter = ctx.actor.id if ctx.actor else None
    ctx.db.run(
        "INSERT INTO memberships (org_id, user_id, role, state, inviter_id, created_at) VALUES"
        " (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (org_id, user_id) DO UPDATE SET role = excluded.role, state = excluded.state",
        *(org_row["id"], user["id"], role, state, inviter, ctx.now),
    )
    ctx.cache.pop(("role", org_row["id"], user["id"]), None)


def is_org_admin(ctx: Context, owner_id: int) -> bool:
    """Whether the asker owns the account: an owner of the organisation, or the user themselves."""
    if ctx.actor is None or ctx.actor.is_bot:
        return False
    return ctx.actor.id == owner_id or role_in(ctx, owner_id, ctx.actor.id) == "admin"


def new_token(
    ctx: Context, user: Row, scopes: list[str], kind: str = "classic", repo_id: int | None = None
) -> str:
    """A fresh token for `user`; an `actions` one belongs to a repository and acts as github-actions[bot]."""
    if kind not in {"classic", "actions"}:
        raise invalid_field("Token", "kind")
    prefix = "ghs_" if kind == "actions" else "ghp_"
    token = prefix + "".join(secrets.choice(_ALPHABET) for _ in range(36))
    holder = need_bot(ctx) if kind == "actions" else user
    row = {"kind": kind, "scopes": json.dumps(sorted(scopes)), "repo_id": repo_id, "created_at": ctx.now}
    ctx.db.insert("tokens", token=token, user_id=holder["id"], **row)
    return token


def need_bot(ctx: Context) -> Row:
    """The account that workflows act as."""
    return known(ctx, BOT) or create(ctx, BOT, "Bot", name="github-actions[bot]")


def actor_of(ctx: Context, token: str) -> Actor | None:
    """Who holds a token, if anybody."""
    sql = (
        "SELECT t.kind AS token_kind, t.scopes, t.repo_id, t.permissions, a.* FROM tokens t"
        " JOIN accounts a ON a.id = t.user_id"
    )
    row = ctx.db.one(f"{sql} WHERE t.token = ?", token)
    if row is None or row["absent"]:
        return None
    kind, scopes, repo_id = row.pop("token_kind"), json.loads(row.pop("scopes")), row.pop("repo_id")
    permissions = row.pop("permissions")
    return Actor(row, kind, frozenset(scopes), repo_id, permissions)


def make_owner(ctx: Context, login: str, org_login: str) -> str:
    """The organiser's account owning an organisation, both made if they are missing; their token, always the
    same."""
    user = find(ctx, login) or create(ctx, login)
    org_row = ctx.db.one("SELECT * FROM accounts WHERE login = ?", org_login)
    org_row = org_row or create(ctx, org_login, "Organization", name=org_login)
    set_member(ctx, org_row, user, "admin")
    need_bot(ctx)
    token = ctx.db.value("SELECT token FROM tokens WHERE user_id = ? ORDER BY rowid LIMIT 1", user["id"])
    return str(token or new_token(ctx, user, sorted(ADMIN_SCOPES)))


def person(ctx: Context, account: Row | None) -> Person:
    """Somebody as the author of a commit made through the API; nobody is GitHub itself."""
    if account is None:
        return Person("GitHub", "noreply@github.com", ctx.instant)
    email = account["email"] or f"{account['id']}+{account['login']}@users.noreply.github.com"
    return Person(account["name"] or account["login"], email, ctx.instant)
