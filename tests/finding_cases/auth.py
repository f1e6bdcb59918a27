from __future__ import annotations

from tests.finding_cases.row import Row

ROWS: tuple[Row, ...] = ()
