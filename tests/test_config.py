"""Settings: safe without any, and refused when they would be unsafe."""

from pathlib import Path

import pytest

from config import Config, UnsafeSetting, engine_options


def test_data_folders_lie_below_the_named_one(tmp_path: Path) -> None:
    config = Config({"GUARANTEE_DATA": str(tmp_path)})
    assert f"sqlite:///{tmp_path}/var/guarantee.db" == config.SQLALCHEMY_DATABASE_URI
    assert Path(config.UPLOAD_FOLDER) == tmp_path / "uploads"
    assert config.VAR_DIR.stat().st_mode & 0o077 == 0


def test_a_key_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    first = Config({"GUARANTEE_DATA": str(tmp_path)}).SECRET_KEY
    second = Config({"GUARANTEE_DATA": str(tmp_path)}).SECRET_KEY
    assert first == second and len(first) == 64
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("key", ["changeme", "short but secret", "a" * 40, "abcdefgh" * 4])
def test_a_weak_key_is_refused_outside_the_demo(tmp_path: Path, key: str) -> None:
    with pytest.raises(UnsafeSetting):
        Config({"GUARANTEE_DATA": str(tmp_path), "SECRET_KEY": key, "DEMO": "0"})


def test_only_named_hosts_are_answered(tmp_path: Path) -> None:
    config = Config({"GUARANTEE_DATA": str(tmp_path), "BASE_URL": "https://db.example.gov.cn/"})
    assert "db.example.gov.cn" in config.TRUSTED_HOSTS
    assert config.FAB_SAFE_REDIRECT_HOSTS == ["db.example.gov.cn"]
    assert config.BASE_URL == "https://db.example.gov.cn"


def test_postgresql_statements_and_locks_have_time_limits() -> None:
    options = engine_options("postgresql+psycopg://db/guarantee")
    assert options["pool_pre_ping"] is True
    assert "statement_timeout=30s" in options["connect_args"]["options"]
    assert "lock_timeout=20s" in options["connect_args"]["options"]
