"""Putting away takes what nobody needs any more, and never a file that a record names."""

import os
import time
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.clock import now
from app.core.database import db
from app.core.viewer import as_system
from app.files import uploads
from app.letters import issue
from app.ops import cleanup
from app.ops.demo_data.papers import paper
from models.attachment import Attachment
from models.modes.letter import Letter
from tests.contract.world import at_work

pytestmark = pytest.mark.databases("sqlite", "postgres")
DAY_OLD = time.time() - 90_000


def age() -> None:
    """Make every stored file a day old."""
    for file in issue.store().root.glob("??/??/*"):
        os.utime(file, (DAY_OLD, DAY_OLD))


def test_only_abandoned_uploads_and_files_of_nobody_go(app: Flask) -> None:
    category = next(each for each in Letter.attachments if each.name == "contract")
    with clock.frozen_time(now() - timedelta(hours=25)), at_work(app, "employer"):
        assert (
            uploads.stage(
                token="t" * 32, record_type="letter", category=category, filename="弃.pdf", data=paper("弃置")
            )
            == []
        )
    with app.app_context(), as_system():
        orphan = issue.store().put(b"nobody's")
        age()
        fresh = issue.store().put(b"on its way to a row")
        abandoned = db.session.scalars(select(Attachment.sha256).where(Attachment.form_token == "t" * 32)).one()
        gone = cleanup.clean_up()
        kept = set(db.session.scalars(select(Attachment.sha256)))
        kept |= set(db.session.scalars(select(Letter.sha256).where(Letter.sha256.is_not(None))))
        store = issue.store()
        assert (gone.uploads, gone.files) == (1, 2)
        assert [store.exists(each) for each in (orphan, abandoned, fresh)] == [False, False, True]
        assert kept and all(store.exists(each) for each in kept)
        assert cleanup.clean_up().files == 0
