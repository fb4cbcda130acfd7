"""What goes wrong with a PostgreSQL database is said in one sentence, and never with the password."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from crithidia.cohort.postgres_said import address_of
from crithidia.foundation.problems import InputError
from crithidia.surfaces.cli import main
from tests import engines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SET = "ssc_acr_eular_2013"
GOOD, BAD = "Right9pass", "Wrong7pass"
PEOPLE = "person_id text, raynaud_phenomenon boolean"
TABLES = """
    CREATE TABLE open ({people}); INSERT INTO open VALUES ('a', true);
    CREATE TABLE closed ({people}); CREATE SCHEMA hidden; CREATE TABLE hidden.people ({people});
    CREATE VIEW broken AS SELECT person_id, 1 / length('') = 1 AS raynaud_phenomenon FROM open;
    CREATE VIEW slow AS SELECT person_id, pg_sleep(9) IS NULL AS raynaud_phenomenon FROM open;
    CREATE VIEW lost AS
        SELECT person_id, pg_terminate_backend(pg_backend_pid()) AS raynaud_phenomenon FROM open;
    CREATE ROLE guest LOGIN PASSWORD '{word}'; CREATE ROLE nobody NOLOGIN PASSWORD '{word}';
    GRANT SELECT ON open, broken, slow, lost TO guest; ALTER ROLE guest SET statement_timeout = '500ms';
"""
MADE = "CREATE DATABASE shut"


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A cluster that asks everybody but its owner for a password."""
    with engines.cluster() as folder:
        where = engines.address(folder)
        engines.run_in(where, TABLES.format(people=PEOPLE, word=GOOD))
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(MADE)
            connection.execute("REVOKE CONNECT ON DATABASE shut FROM PUBLIC")
            owner = connection.info.user
            rules = f"local all {owner} trust\nlocal elsewhere guest reject\nlocal all all scram-sha-256\n"
            (folder / "data" / "pg_hba.conf").write_text(rules, "utf-8")
            connection.execute("SELECT pg_reload_conf()")
        for _ in range(50):
            if asks_for_a_password(folder):
                break
            time.sleep(0.1)
        yield folder


def asks_for_a_password(folder: Path) -> bool:
    try:
        psycopg.connect(f"postgresql://guest@/postgres?host={folder}").close()
    except psycopg.OperationalError:
        return True
    return False


def classify(table: str, where: str, out: Path) -> Result:
    return CliRunner().invoke(main, ["cohort", "classify", table, "-o", str(out), "--sets", SET,
                                     "--engine", "postgres", "--database", where])  # fmt: skip


CASES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "a wrong password": (f"guest:{BAD}@/postgres?host={{}}", "open", (
        "user guest, database postgres", "password authentication failed", "check user and password",
        "PGPASSWORD",
    )),
    "no password": ("guest@/postgres?host={}", "open", ("no password supplied", "PGPASSWORD")),
    "a user that is not there": (f"stranger:{GOOD}@/postgres?host={{}}", "open", (
        "user stranger", "check user and password",
    )),
    "a user who may not log in": (f"nobody:{GOOD}@/postgres?host={{}}", "open", (
        "not permitted to log in", "administrator",
    )),
    "a database that is not there": (f"guest:{GOOD}@/registre?host={{}}", "open", (
        "database registre", 'database "registre" does not exist', "postgresql://user@host/database",
    )),
    "a database without rights": (f"guest:{GOOD}@/shut?host={{}}", "open", (
        "permission denied for database", "administrator",
    )),
    "a rule against the user": (f"guest:{GOOD}@/elsewhere?host={{}}", "open", (
        "pg_hba.conf", "administrator",
    )),
    "a host that is not there": (f"guest:{GOOD}@registry.invalid/postgres", "open", (
        "at registry.invalid", "check host and port",
    )),
    "a port where nothing is": (f"guest:{GOOD}@127.0.0.1:{{port}}/postgres", "open", (
        "at 127.0.0.1, port", "refused", "check host and port",
    )),
    "a socket that is not there": (f"guest:{GOOD}@/postgres?host=/no/such/folder", "open", (
        "at /no/such/folder", "check host and port",
    )),
    "a table without rights": (f"guest:{GOOD}@/postgres?host={{}}", "closed", (
        "'closed' cannot be read", "permission denied for table closed", "to guest: GRANT SELECT",
    )),
    "a schema without rights": (f"guest:{GOOD}@/postgres?host={{}}", "hidden.people", (
        "permission denied for schema hidden", "USAGE on its schema",
    )),
    "a view that divides by nought": (f"guest:{GOOD}@/postgres?host={{}}", "broken", (
        "'broken' cannot be read", "division by zero",
    )),
    "a view that takes too long": (f"guest:{GOOD}@/postgres?host={{}}", "slow", ("statement_timeout",)),
    "a connection that is lost": (f"guest:{GOOD}@/postgres?host={{}}", "lost", (
        "connection was lost", "try again",
    )),
}  # fmt: skip


@pytest.mark.parametrize(("where", "table", "words"), CASES.values(), ids=CASES)
def test_what_went_wrong_where_and_what_to_do(
    place: Path, tmp_path: Path, where: str, table: str, words: tuple[str, ...]
) -> None:
    out = tmp_path / "out.parquet"
    out.write_text("old", "utf-8")
    result = classify(table, "postgresql://" + where.format(place, port=engines.free_port()), out)
    assert result.exit_code == 6, result.output
    assert isinstance(result.exception, SystemExit)
    for word in words:
        assert word in result.output
    assert_one_sentence(result)
    assert (out.read_text("utf-8"), [path.name for path in tmp_path.iterdir()]) == ("old", ["out.parquet"])


def assert_one_sentence(result: Result) -> None:
    assert result.output.count("\n") == 1
    assert result.output.startswith("crithidia: postgres cannot do it")
    assert "Traceback" not in result.output
    assert not any(secret in result.output for secret in (GOOD, BAD))


@pytest.mark.parametrize("table", ["nothing", "hidden.nothing", "otherdb.public.open", "open; --", ""])
def test_a_table_that_is_not_there(place: Path, tmp_path: Path, table: str) -> None:
    result = classify(table, engines.address(place), tmp_path / "out.parquet")
    assert result.exit_code == 3
    assert f"there is no table '{table}' in the database 'postgres'" in result.output
    assert "written as in SQL" in result.output
    assert list(tmp_path.iterdir()) == []


def test_with_the_right_password(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for where, password in ((f"guest:{GOOD}@", ""), ("guest@", GOOD)):
        monkeypatch.setenv("PGPASSWORD", password)
        out = tmp_path / "out.parquet"
        result = classify("open", f"postgresql://{where}/postgres?host={place}", out)
        assert result.exit_code == 0, result.output
        assert pq.read_table(out)["person_id"].to_pylist() == ["a"]


# Marks of the address in a password, as people write them; and addresses that are torn otherwise.
UNREADABLE = (
    "postgresql://guest:se@cret@localhost/postgres", "postgresql://guest:se/cret@localhost/postgres",
    "postgresql://guest:12/cret@localhost/postgres", "postgresql://guest:se%cret@localhost/postgres",
    "postgresql://guest:secret@localhost:port/postgres", "postgresql://guest:secret@localhost/postgres?x=y",
    "postgresql://guest:se?cr@et@localhost/postgres", "postgresql://guest:cret/postgres",
    "host=localhost password=se cret", "host=localhost password='secret", "host=localhost secret=x",
)  # fmt: skip


@pytest.mark.parametrize("where", UNREADABLE)
def test_nothing_is_shown_of_an_address_that_cannot_be_read(tmp_path: Path, where: str) -> None:
    result = classify("open", where, tmp_path / "out.parquet")
    assert result.exit_code == 2
    assert "the address of the database cannot be read" in result.output
    assert "%40" in result.output
    assert not any(part in result.output for part in ("cret", "localhost:", "guest"))
    with pytest.raises(InputError) as caught:
        address_of(where)
    assert "cret" not in str(caught.value)


@pytest.mark.parametrize(("where", "shown"), [
    ("postgresql://guest:se%40cret@h:5433/d", "at h, port 5433, user guest, database d"),
    ("postgresql://guest:se:cret@h/d%40x?sslmode=disable", "at h, user guest, database d@x"),
    ("host=h user=guest password='s e' dbname=d", "at h, user guest, database d"),
    ("postgresql:///d", "database d"), ("postgresql://", ""),
])  # fmt: skip
def test_what_is_shown_of_an_address(where: str, shown: Any) -> None:
    assert str(address_of(where)) == shown
