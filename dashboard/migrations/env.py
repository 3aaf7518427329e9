"""Run by Alembic: brings the store that it is handed to the newest schema."""

from alembic import context

from dashboard.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
