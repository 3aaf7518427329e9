"""Plates: every text that was read, where, and each vehicle's pass."""

import sqlalchemy as sa
from alembic import op

from dashboard.schema import PLATE_TEXT, Microseconds

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "plates",
        sa.Column("id", counter, autoincrement=True, nullable=False),
        sa.Column("text", PLATE_TEXT, nullable=False),
        sa.Column("backwards", PLATE_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plates"),
        sa.UniqueConstraint("text", name="uq_plates_text"),
    )
    op.create_index("ix_plates_backwards", "plates", ["backwards"])
    op.create_table(
        "plate_places",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("site", sa.String(64), nullable=False),
        sa.Column("camera", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plate_places"),
        sa.UniqueConstraint("site", "camera", name="uq_plate_places_site_camera"),
    )
    op.create_table(
        "plate_reads",
        sa.Column("id", counter, autoincrement=True, nullable=False),
        sa.Column("hit", sa.Uuid(), nullable=False),
        sa.Column("plate_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("at", Microseconds(), nullable=False),
        sa.Column("vehicle", sa.String(16), nullable=False),
        sa.Column("colour", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("province", sa.String(2)),
        sa.Column("direction", sa.String(16)),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("box", sa.JSON()),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plate_reads"),
        sa.ForeignKeyConstraint(["plate_id"], ["plates.id"], name="fk_plate_reads_plate_id"),
        sa.ForeignKeyConstraint(["place_id"], ["plate_places.id"], name="fk_plate_reads_place_id"),
        sa.UniqueConstraint("hit", name="uq_plate_reads_hit"),
    )
    op.create_index("ix_plate_reads_plate_id_at", "plate_reads", ["plate_id", "at"])
    op.create_index("ix_plate_reads_place_id_at", "plate_reads", ["place_id", "at"])
    op.create_index("ix_plate_reads_at", "plate_reads", ["at"])


def downgrade() -> None:
    for table in ("plate_reads", "plate_places", "plates"):
        op.drop_table(table)
