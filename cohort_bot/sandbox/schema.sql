-- State of the sandbox. Times are ISO 8601 UTC text with seconds, as GitHub's API shows them;
-- `due` in arrivals is epoch seconds with a fraction, because what is late is late by less than a second.
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS accounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  login TEXT NOT NULL UNIQUE COLLATE NOCASE,
  kind TEXT NOT NULL CHECK (kind IN ('User', 'Organization', 'Bot')),
  name TEXT, email TEXT, description TEXT,
  default_permission TEXT NOT NULL DEFAULT 'read',
  members_can_create INTEGER NOT NULL DEFAULT 1,
  absent INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS memberships (
  org_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  user_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  role TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'active',
  inviter_id INTEGER REFERENCES accounts ON DELETE SET NULL, created_at TEXT NOT NULL,
  PRIMARY KEY (org_id, user_id)
);
CREATE INDEX IF NOT EXISTS memberships_user ON memberships (user_id);
CREATE TABLE IF NOT EXISTS tokens (
  token TEXT PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('classic', 'actions')),
  scopes TEXT NOT NULL DEFAULT '',
  repo_id INTEGER REFERENCES repos ON DELETE CASCADE,
  permissions TEXT NOT NULL DEFAULT '{}',
  created_at TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS repos (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  name TEXT NOT NULL COLLATE NOCASE,
  description TEXT, homepage TEXT,
  private INTEGER NOT NULL DEFAULT 0,
  is_template INTEGER NOT NULL DEFAULT 0,
  archived INTEGER NOT NULL DEFAULT 0,
  has_issues INTEGER NOT NULL DEFAULT 1,
  has_projects INTEGER NOT NULL DEFAULT 1,
  has_wiki INTEGER NOT NULL DEFAULT 1,
  default_branch TEXT NOT NULL DEFAULT 'main',
  template_id INTEGER REFERENCES repos ON DELETE SET NULL,
  size INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, pushed_at TEXT NOT NULL,
  UNIQUE (owner_id, name)
);
CREATE TABLE IF NOT EXISTS redirects (
  owner TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL COLLATE NOCASE,
  repo_id INTEGER NOT NULL REFERENCES repos ON DELETE CASCADE,
  PRIMARY KEY (owner, name)
);
CREATE TABLE IF NOT EXISTS collaborators (
  repo_id INTEGER NOT NULL REFERENCES repos ON DELETE CASCADE,
  user_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  permission TEXT NOT NULL,
  PRIMARY KEY (repo_id, user_id)
);
CREATE INDEX IF NOT EXISTS collaborators_user ON collaborators (user_id);
CREATE TABLE IF NOT EXISTS invitations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repo_id INTEGER NOT NULL REFERENCES repos ON DELETE CASCADE,
  invitee_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  inviter_id INTEGER REFERENCES accounts ON DELETE SET NULL,
  permission TEXT NOT NULL, created_at TEXT NOT NULL,
  UNIQUE (repo_id, invitee_id)
);
CREATE INDEX IF NOT EXISTS invitations_invitee ON invitations (invitee_id);

CREATE TABLE IF NOT EXISTS labels (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repo_id INTEGER NOT NULL REFERENCES repos ON DELETE CASCADE,
  name TEXT NOT NULL COLLATE NOCASE, color TEXT NOT NULL, description TEXT,
  is_default INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  UNIQUE (repo_id, name)
);
CREATE TABLE IF NOT EXISTS milestones (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repo_id INTEGER NOT NULL REFERENCES repos ON DELETE CASCADE,
  number INTEGER NOT NULL, title TEXT NOT NULL, description TEXT,
  state TEXT NOT NULL DEFAULT 'open', due_on TEXT,
  creator_id INTEGER REFERENCES accounts ON DELETE SET NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, closed_at TEXT,
  UNIQUE (repo_id, number), UNIQUE (repo_id, title)
);
-- Issues and pull requests share one sequence of numbers, as on GitHub.
CREATE TABLE IF NOT EXISTS issues (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repo_id INTEGER NOT NULL REFERENCES repos ON DELETE CASCADE,
  number INTEGER NOT NULL, title TEXT NOT NULL, body TEXT,
  state TEXT NOT NULL DEFAULT 'open', state_reason TEXT,
  author_id INTEGER REFERENCES accounts ON DELETE SET NULL,
  closed_by_id INTEGER REFERENCES accounts ON DELETE SET NULL,
  milestone_id INTEGER REFERENCES milestones ON DELETE SET NULL,
  parent_id INTEGER REFERENCES issues ON DELETE SET NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, closed_at TEXT, last_edited_at TEXT,
  is_pull INTEGER NOT NULL DEFAULT 0,
  head_ref TEXT, base_ref TEXT, head_sha TEXT, base_sha TEXT, draft INTEGER NOT NULL DEFAULT 0,
  merged_at TEXT, merge_sha TEXT, merged_by_id INTEGER REFERENCES accounts ON DELETE SET NULL,
  UNIQUE (repo_id, number)
);
CREATE INDEX IF NOT EXISTS issues_milestone ON issues (milestone_id, state);
CREATE INDEX IF NOT EXISTS issues_parent ON issues (parent_id);
CREATE INDEX IF NOT EXISTS issues_listing ON issues (repo_id, is_pull, state);
CREATE TABLE IF NOT EXISTS issue_labels (
  issue_id INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE,
  label_id INTEGER NOT NULL REFERENCES labels ON DELETE CASCADE,
  PRIMARY KEY (issue_id, label_id)
);
CREATE INDEX IF NOT EXISTS issue_labels_label ON issue_labels (label_id);
CREATE TABLE IF NOT EXISTS issue_assignees (
  issue_id INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE,
  user_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  PRIMARY KEY (issue_id, user_id)
);
CREATE TABLE IF NOT EXISTS comments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  issue_id INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE,
  author_id INTEGER REFERENCES accounts ON DELETE SET NULL,
  body TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, last_edited_at TEXT
);
CREATE INDEX IF NOT EXISTS comments_issue ON comments (issue_id);
-- `detail` is JSON: the event's own part of the REST payload (label, assignee, milestone, rename, …).
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repo_id INTEGER NOT NULL REFERENCES repos ON DELETE CASCADE,
  issue_id INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE,
  actor_id INTEGER REFERENCES accounts ON DELETE SET NULL,
  event TEXT NOT NULL, commit_id TEXT, detail TEXT NOT NULL DEFAULT '{}', created_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS events_issue ON events (issue_id);
CREATE INDEX IF NOT EXISTS events_repo ON events (repo_id);

CREATE TABLE IF NOT EXISTS projects (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  number INTEGER NOT NULL, title TEXT NOT NULL, short_description TEXT, readme TEXT,
  public INTEGER NOT NULL DEFAULT 0, closed INTEGER NOT NULL DEFAULT 0, closed_at TEXT,
  template INTEGER NOT NULL DEFAULT 0,
  creator_id INTEGER REFERENCES accounts ON DELETE SET NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  UNIQUE (owner_id, number)
);
CREATE TABLE IF NOT EXISTS project_repos (
  project_id INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
  repo_id INTEGER NOT NULL REFERENCES repos ON DELETE CASCADE,
  PRIMARY KEY (project_id, repo_id)
);
CREATE INDEX IF NOT EXISTS project_repos_repo ON project_repos (repo_id);
CREATE TABLE IF NOT EXISTS project_collaborators (
  project_id INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
  user_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  role TEXT NOT NULL,
  PRIMARY KEY (project_id, user_id)
);
-- `options` is JSON: [{id, name, color, description}] of a single select.
CREATE TABLE IF NOT EXISTS project_fields (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
  name TEXT NOT NULL COLLATE NOCASE, data_type TEXT NOT NULL, position INTEGER NOT NULL,
  options TEXT NOT NULL DEFAULT '[]', created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  UNIQUE (project_id, name)
);
-- `layout` is table, board or roadmap; the lists are JSON arrays of field ids.
CREATE TABLE IF NOT EXISTS project_views (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
  number INTEGER NOT NULL, name TEXT NOT NULL, layout TEXT NOT NULL, filter TEXT,
  visible_fields TEXT NOT NULL DEFAULT '[]', sort_by TEXT NOT NULL DEFAULT '[]',
  group_by TEXT NOT NULL DEFAULT '[]', vertical_group_by TEXT NOT NULL DEFAULT '[]',
  creator_id INTEGER REFERENCES accounts ON DELETE SET NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  UNIQUE (project_id, number)
);
CREATE TABLE IF NOT EXISTS project_workflows (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
  number INTEGER NOT NULL, name TEXT NOT NULL, enabled INTEGER NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  UNIQUE (project_id, name)
);
-- `visible` is 0 while an item that came with createIssue(projectV2Ids:) has not reached the board.
CREATE TABLE IF NOT EXISTS project_items (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
  issue_id INTEGER REFERENCES issues ON DELETE CASCADE,
  draft_title TEXT, draft_body TEXT,
  position INTEGER NOT NULL, archived_at TEXT, visible INTEGER NOT NULL DEFAULT 1,
  creator_id INTEGER REFERENCES accounts ON DELETE SET NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  UNIQUE (project_id, issue_id)
);
CREATE INDEX IF NOT EXISTS project_items_issue ON project_items (issue_id);
CREATE TABLE IF NOT EXISTS project_values (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  item_id INTEGER NOT NULL REFERENCES project_items ON DELETE CASCADE,
  field_id INTEGER NOT NULL REFERENCES project_fields ON DELETE CASCADE,
  value NOT NULL, creator_id INTEGER REFERENCES accounts ON DELETE SET NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  UNIQUE (item_id, field_id)
);
CREATE TABLE IF NOT EXISTS project_statuses (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
  status TEXT, body TEXT, start_date TEXT, target_date TEXT,
  creator_id INTEGER REFERENCES accounts ON DELETE SET NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS statuses (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repo_id INTEGER NOT NULL REFERENCES repos ON DELETE CASCADE,
  sha TEXT NOT NULL, state TEXT NOT NULL, context TEXT NOT NULL, description TEXT, target_url TEXT,
  creator_id INTEGER REFERENCES accounts ON DELETE SET NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS statuses_commit ON statuses (repo_id, sha);
CREATE TABLE IF NOT EXISTS check_runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repo_id INTEGER NOT NULL REFERENCES repos ON DELETE CASCADE,
  sha TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL, conclusion TEXT,
  external_id TEXT, details_url TEXT, output TEXT NOT NULL DEFAULT '{}', annotations TEXT NOT NULL DEFAULT '[]',
  creator_id INTEGER REFERENCES accounts ON DELETE SET NULL,
  started_at TEXT, completed_at TEXT, created_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS check_runs_commit ON check_runs (repo_id, sha);
CREATE TABLE IF NOT EXISTS workflows (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repo_id INTEGER NOT NULL REFERENCES repos ON DELETE CASCADE,
  path TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'active',
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  UNIQUE (repo_id, path)
);
CREATE TABLE IF NOT EXISTS workflow_runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repo_id INTEGER NOT NULL REFERENCES repos ON DELETE CASCADE,
  workflow_id INTEGER NOT NULL REFERENCES workflows ON DELETE CASCADE,
  run_number INTEGER NOT NULL, event TEXT NOT NULL, head_branch TEXT, head_sha TEXT NOT NULL,
  status TEXT NOT NULL, conclusion TEXT, inputs TEXT NOT NULL DEFAULT '{}',
  payload TEXT NOT NULL DEFAULT '{}', -- what the event is about, as far as its kind does not say
  actor_id INTEGER REFERENCES accounts ON DELETE SET NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS workflow_runs_repo ON workflow_runs (repo_id);
CREATE TABLE IF NOT EXISTS pushes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repo_id INTEGER NOT NULL REFERENCES repos ON DELETE CASCADE,
  ref TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
  actor_id INTEGER REFERENCES accounts ON DELETE SET NULL, created_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS pushes_repo ON pushes (repo_id);

-- What GitHub does a moment after it has answered: template contents, default labels, board items.
CREATE TABLE IF NOT EXISTS arrivals (
  id INTEGER PRIMARY KEY AUTOINCREMENT, due REAL NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS arrivals_due ON arrivals (due);
