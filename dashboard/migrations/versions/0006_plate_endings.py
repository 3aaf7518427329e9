"""Every ending of a plate's text, so that it is found by any part of it; its text backwards is needed no longer."""

import sqlalchemy as sa
from alembic import op

from dashboard.schema import PLATE_TEXT

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LONGEST = 24

_PLATES = sa.table("plates", sa.column("id", sa.BigInteger), sa.column("text"), sa.column("backwards"))
_ENDINGS = sa.table("plate_endings", sa.column("ending"), sa.column("plate_id"))


def upgrade() -> None:
    op.create_table(
        "plate_endings",
        sa.Column("ending", PLATE_TEXT, nullable=False),
        sa.Column("plate_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("ending", "plate_id", name="pk_plate_endings"),
        sqlite_with_rowid=False,
    )
    for place in range(1, LONGEST):
        ending = sa.func.substr(_PLATES.c.text, place)
        query = sa.select(ending, _PLATES.c.id).where(sa.func.length(_PLATES.c.text) > place).order_by(ending)
        op.execute(_ENDINGS.insert().from_select(["ending", "plate_id"], query))
    op.drop_index("ix_plates_backwards", "plates")
    op.drop_column("plates", "backwards")


def downgrade() -> None:
    op.add_column("plates", sa.Column("backwards", PLATE_TEXT, nullable=False, server_default=""))
    connection = op.get_bind()
    for number, text in connection.execute(sa.select(_PLATES.c.id, _PLATES.c.text)).all():
        connection.execute(_PLATES.update().where(_PLATES.c.id == number).values(backwards=text[::-1]))
    op.create_index("ix_plates_backwards", "plates", ["backwards"])
    op.drop_table("plate_endings")
