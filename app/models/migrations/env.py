"""Run by alembic: brings the database of the connection it is handed to the newest revision.

A new revision is drafted from the models with `alembic.command.revision(upgrade.configuration(), autogenerate=True)`,
the connection of an older database in `attributes["connection"]`. A test compares models and revisions on both stores.
"""

from typing import Any, Literal

from alembic import context

from app.models import Base
from app.models.fields import RecordId, SortedText


def render(kind: str, item: object, _autogen: Any) -> str | Literal[False]:
    """Types of our own are written out as the columns they make: a revision must not change when they do."""
    if kind == "type" and isinstance(item, RecordId):
        return "sa.LargeBinary()"
    if kind == "type" and isinstance(item, SortedText):
        return 'sa.Text().with_variant(sa.Text(collation="C"), "postgresql")'
    return False


def run() -> None:
    """Configure and run; called once by alembic, which executes this file."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
