"""What is held back from deletion, and the files that are still to be deleted."""

import sqlalchemy as sa
from alembic import op

from dashboard.schema import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("record", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.String(64), nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.Column("released_by", sa.String(64)),
        sa.Column("released_at", UtcDateTime()),
        sa.Column("released_note", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_holds"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_holds_record_released_at", "holds", ["record", "released_at"])
    op.create_table(
        "doomed_files",
        sa.Column("path", sa.String(300), nullable=False),
        sa.Column("record", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_doomed_files"),
    )


def downgrade() -> None:
    for table in ("doomed_files", "holds"):
        op.drop_table(table)
