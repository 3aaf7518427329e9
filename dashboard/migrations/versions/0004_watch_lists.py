"""Watch-lists: their plates, and which passes they raised alerts for."""

import sqlalchemy as sa
from alembic import op

from dashboard.schema import PLATE_TEXT, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "watch_lists",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("priority", sa.String(16), nullable=False),
        sa.Column("misreads", sa.Boolean(), nullable=False),
        sa.Column("valid_from", UtcDateTime()),
        sa.Column("valid_until", UtcDateTime()),
        sa.Column("changed", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watch_lists"),
        sa.UniqueConstraint("name", name="uq_watch_lists_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "watch_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("plate", PLATE_TEXT, nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("priority", sa.String(16)),
        sa.Column("valid_from", UtcDateTime()),
        sa.Column("valid_until", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_watch_entries"),
        sa.ForeignKeyConstraint(["list_id"], ["watch_lists.id"], name="fk_watch_entries_list_id", ondelete="CASCADE"),
        sa.UniqueConstraint("list_id", "plate", name="uq_watch_entries_list_id_plate"),
    )
    op.create_index("ix_watch_entries_plate", "watch_entries", ["plate"])
    op.create_table(
        "watch_hits",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("hit", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", name="pk_watch_hits"),
    )
    op.create_index("ix_watch_hits_hit", "watch_hits", ["hit"])


def downgrade() -> None:
    for table in ("watch_hits", "watch_entries", "watch_lists"):
        op.drop_table(table)
