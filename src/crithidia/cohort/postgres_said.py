"""What keeps PostgreSQL from handing over a table, as one sentence: what, where, and what to do.

The address may hold a password. So nothing of an address that cannot be read is shown, and of one that can
only host, user and database.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crithidia.cohort.errors import EngineError
from crithidia.foundation.problems import InputError, refuse, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

_SCHEMES: Final = ("postgresql://", "postgres://")
_BEFORE: Final = re.compile(
    r"^connection (?:failed|is bad): (?:connection to server .*? failed: )?(?:[A-Z]+: +)?(?:fe_sendauth: )?"
)
_LOGIN: Final = "check user and password; a password may also stand in PGPASSWORD or ~/.pgpass"
_SERVER: Final = "check host and port in the address, and that the server runs there"
_ADMINISTRATOR: Final = "the server's administrator has to let this user in"
_REMEDIES: Final = (
    (r"password", _LOGIN),
    (r"database .* does not exist", "check the last part of the address: postgresql://user@host/database"),
    (r"role .* does not exist", _LOGIN),
    (r"pg_hba\.conf|not permitted to log in|permission denied for database|authentication", _ADMINISTRATOR),
    (r"too many|starting up|shutting down", "try again later"),
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is, without the password."""

    host: str
    port: str
    user: str
    database: str

    def __str__(self) -> str:
        port = f", port {self.port}" if self.port else ""
        parts = (("at ", self.host + port), ("user ", self.user), ("database ", self.database))
        return ", ".join(what + shown(name) for what, name in parts if name)


def address_of(where: str) -> Address:
    """Return what may be shown of an address. Raises ``InputError`` that shows nothing of it."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = conninfo_to_dict(where)
    except ProgrammingError:
        raise _unreadable() from None
    host, user, database = (str(parts.get(name) or "") for name in ("host", "user", "dbname"))
    port = str(parts.get("port") or "")
    if _is_torn(where) or "@" in host or not re.fullmatch(r"[0-9,]*", port):
        raise _unreadable()
    return Address(host, port, user, database)


def _is_torn(where: str) -> bool:
    """Return whether an address has a mark of its own in the middle of what was meant as its password."""
    if not where.startswith(_SCHEMES):
        return False
    before, _, after = where.partition("://")[2].partition("?")[0].partition("/")
    return before.count("@") > 1 or "@" in after


def _unreadable() -> InputError:
    return refuse("the address of the database cannot be read", None,
                  "write postgresql://user@host:5432/database; in a password @ is written %40, / %2F, : %3A, "
                  "# %23, ? %3F and % %25, or it stands in PGPASSWORD or ~/.pgpass")  # fmt: skip


def not_reached(error: psycopg.Error, address: Address) -> EngineError:
    """Return why there is no connection."""
    reason = _BEFORE.sub("", _first_line(error))
    remedy = next((advice for words, advice in _REMEDIES if re.search(words, reason)), _SERVER)
    return _failed(address, reason, remedy)


@contextmanager
def naming_what_is_read(address: Address, table: str) -> Iterator[None]:
    """Turn what goes wrong while a table is read into ``EngineError``."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise _not_read(error, address, table) from error


def _not_read(error: psycopg.Error, address: Address, table: str) -> EngineError:
    """Return why a table cannot be read."""
    from psycopg import OperationalError, errors

    reason, name = _first_line(error), shown(table)
    user = f" to {address.user}" if address.user else ""
    if isinstance(error, errors.InsufficientPrivilege):
        remedy = f"the owner of the table has to allow it{user}: GRANT SELECT on it, and USAGE on its schema"
    elif isinstance(error, errors.QueryCanceled):
        remedy = "set a longer statement_timeout for this user"
    elif isinstance(error, OperationalError) and (error.sqlstate or "08").startswith(("08", "57P")):
        remedy = "the connection was lost; nothing was written, try again"
    else:
        remedy = "what it is made of cannot be worked out; reading it in psql says the same"
    return _failed(address, f"table '{name}' cannot be read: {reason}", remedy)


def _failed(address: Address, reason: str, remedy: str) -> EngineError:
    where = str(address)
    return EngineError(f"postgres cannot do it{f' ({where})' if where else ''}: {reason} ({remedy})")


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].strip() or type(error).__name__
