"""The end of a period, by kind and by what starts it."""

from datetime import date

import pytest

from ckanext.kranj.retention.due import Due, due_of, period

pytestmark = pytest.mark.unit


def described(kind, length="P5Y", starts="year-end", **more):
    return {"retention_kind": kind, "retention_period": length, "retention_starts": starts, **more}


@pytest.mark.parametrize(
    ("dataset", "events", "due"),
    [
        (described("LETA", modified="2020-03-04"), {}, Due(date(2025, 12, 31), "destroy")),
        (described("LETA", starts="record", modified="2020-02-29"), {}, Due(date(2025, 2, 28), "destroy")),
        (described("LETA", starts="record", issued="2020"), {}, Due(date(2025, 1, 1), "destroy")),
        (described("LETA", starts="case-closed"), {}, Due(None, "destroy", "case-closed")),
        (described("LETA", starts="case-closed"), {"case-closed": date(2021, 6, 1)}, Due(date(2026, 6, 1), "destroy")),
        (
            described("LETA", "P30D", "contract-end"),
            {"contract-end": date(2026, 1, 31)},
            Due(date(2026, 3, 2), "destroy"),
        ),
        (described("NAMEN", "", ""), {"purpose-met": date(2026, 5, 5)}, Due(date(2026, 5, 5), "destroy")),
        (described("NAMEN", "", ""), {}, Due(None, "destroy", "purpose-met")),
        (described("T_MIN", "P10Y", modified="2010-01-01"), {}, Due(date(2020, 12, 31), "review")),
        (described("A", "", ""), {}, Due(None, None)),
        (described("A", "P30Y", modified="1990-01-01"), {}, Due(date(2020, 12, 31), "archive")),
        (described("T", "", ""), {}, Due(None, None)),
        (described("NE_HRANI", "", ""), {}, Due(None, None)),
        (described("LETA", "", ""), {}, Due(None, "destroy", "period")),
        ({}, {}, Due(None, None)),
    ],
)
def test_the_end_of_a_period(dataset, events, due):
    assert due_of(dataset, events) == due


@pytest.mark.parametrize("text", ["", "5Y", "P", "PT5H", "P5", "P-5Y", "P5Yx"])
def test_what_is_no_period(text):
    assert period(text) is None
