"""The same search in SQL: SQLite compares as MySQL does, as long as the values are of their columns' kinds."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from mirasvit.schemas import date_text, trigger_of
from mirasvit.search.criteria import Condition, Field, Filter
from optout.suppressions.suppression import Suppression

_SQL = {
    Condition.EQ: "{} = ?", Condition.SEQ: "{} = ?", Condition.IS: "{} = ?", Condition.NEQ: "{} != ?",
    Condition.SNEQ: "{} != ?", Condition.GT: "{} > ?", Condition.LT: "{} < ?", Condition.GTEQ: "{} >= ?",
    Condition.MOREQ: "{} >= ?", Condition.FROM: "{} >= ?", Condition.LTEQ: "{} <= ?", Condition.TO: "{} <= ?",
    Condition.LIKE: r"{} LIKE ? ESCAPE '\'", Condition.NLIKE: r"{} NOT LIKE ? ESCAPE '\'",
    Condition.FULLTEXT: r"{} LIKE '%' || ? || '%' ESCAPE '\'", Condition.NTOA: r"inet_ntoa({}) LIKE ? ESCAPE '\'",
    Condition.IN: "{} IN ({values})", Condition.NIN: "{} NOT IN ({values})",
    Condition.NULL: "({} IS NULL AND ? IS NOT NULL)", Condition.NOTNULL: "({} IS NOT NULL AND ? IS NOT NULL)",
    Condition.FINSET: "instr(',' || lower({}) || ',', ',' || lower(?) || ',')",
    Condition.NFINSET: "NOT instr(',' || lower({}) || ',', ',' || lower(?) || ',')",
}  # fmt: skip


def in_sql(records: Iterable[Suppression], groups: Sequence[Sequence[Filter]]) -> list[int]:
    """What SQLite finds for the same tree."""
    database = sqlite3.connect(":memory:")
    database.create_function("inet_ntoa", 1, _inet_ntoa)
    database.execute(
        "CREATE TABLE r (id INTEGER, email TEXT COLLATE NOCASE, trigger_id INTEGER, created_at TEXT, updated_at TEXT)"
    )
    for record in records:
        dates = [date_text(record.created), date_text(record.modified)]
        row = [record.number, record.address.original, trigger_of(record.scope), *dates]
        database.execute("INSERT INTO r VALUES (?, ?, ?, ?, ?)", row)
    texts, values = [], list[object]()
    for group in groups:
        texts.append("(" + " OR ".join(_clause(one) for one in group) + ")")
        values += [value for one in group for value in _parameters(one)]
    where = f"WHERE {' AND '.join(texts)}" if texts else ""
    return [number for (number,) in database.execute(f"SELECT id FROM r {where} ORDER BY id", values)]


def _inet_ntoa(value: object) -> str | None:
    small = isinstance(value, int) and 0 <= value < 2**32
    return ".".join(str(byte) for byte in value.to_bytes(4)) if small and isinstance(value, int) else None


def _clause(one: Filter) -> str:
    return _SQL[one.condition].format(one.field.value, values=", ".join("?" for _ in _parameters(one)))


def _parameters(one: Filter) -> list[object]:
    texts = (one.value or "").split(",") if one.condition in (Condition.IN, Condition.NIN) else [one.value or ""]
    if "LIKE" in _SQL[one.condition] or "instr" in _SQL[one.condition]:
        return list(texts)
    return [_literal(one.field, text) for text in texts]


def _literal(field: Field, text: str) -> object:
    """A value as its column holds it."""
    if field in (Field.ID, Field.TRIGGER):
        return float(text) if "." in text else int(text)
    if field is Field.EMAIL:
        return text
    return f"{datetime.fromisoformat(text).replace(tzinfo=UTC):%Y-%m-%d %H:%M:%S}"
