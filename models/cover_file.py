"""担保数据文件: what secures the permits of one region on one day, as a file for other systems to fetch."""

from datetime import date, datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.appbuilder import Model
from models.grammar.columns import Instant


class CoverFile(Model):
    """One file of a region and day in one `kind`, jsonl or csv; its bytes lie in the store under their sha256."""

    __tablename__ = "cover_file"
    __table_args__ = (UniqueConstraint("region_code", "made_on", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    region_code: Mapped[str] = mapped_column(String(6))
    made_on: Mapped[date]
    kind: Mapped[str] = mapped_column(String(10))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    permit_count: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(Instant)
