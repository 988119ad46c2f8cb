"""Alembic's entry: runs on the connection that db/migrate.py hands over."""

from alembic import context

from deckcast.db import accounts as accounts
from deckcast.db import people as people
from deckcast.db.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
