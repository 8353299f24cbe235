"""When things are due: weeks, breaks, personal dates, daylight saving, zones."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohort_bot.calendar import due_on, end_of_day, same_due, study_day
from cohort_bot.model import Break, Cohort, Learner

START = date(2026, 9, 7)  # a Monday
WINTER = Break(name="Winter", first=date(2026, 12, 21), last=date(2027, 1, 3))

days = st.dates(date(2025, 1, 1), date(2030, 1, 1))


def cohort(**settings: object) -> Cohort:
    written = {
        "org": "academy",
        "slug": "ml",
        "start": START,
        "timezone": "Europe/Berlin",
        "breaks": [WINTER],
    }
    return Cohort.model_validate(written | settings)


def local(instant: datetime, zone: str = "Europe/Berlin") -> str:
    return instant.astimezone(ZoneInfo(zone)).isoformat()


def test_a_stage_is_due_on_the_last_evening_of_its_last_week() -> None:
    assert local(due_on(cohort(), 1)) == "2026-09-13T23:59:59+02:00"


def test_the_clock_time_stays_the_same_across_a_daylight_saving_change() -> None:
    assert local(due_on(cohort(), 8)) == "2026-11-01T23:59:59+01:00"
    assert due_on(cohort(), 6).hour == 21
    assert due_on(cohort(), 7).hour == 22  # the clocks went back that very morning


def test_a_break_moves_everything_after_it() -> None:
    assert local(due_on(cohort(), 15))[:10] == "2026-12-20"
    assert local(due_on(cohort(), 16))[:10] == "2027-01-10"


def test_an_extension_never_ends_inside_a_break() -> None:
    learner = Learner(github="ada", extension_days=7)
    assert local(due_on(cohort(), 15, learner))[:10] == "2027-01-10"


def test_a_personal_start_replaces_the_cohorts() -> None:
    learner = Learner(github="ada", start=date(2026, 10, 5))
    assert local(due_on(cohort(), 1, learner))[:10] == "2026-10-11"


def test_a_start_inside_a_break_waits_for_its_end() -> None:
    assert study_day(date(2026, 12, 25), 1, [WINTER]) == date(2027, 1, 4)


def test_the_end_of_a_day_that_ends_twice_is_the_later_one() -> None:
    # In Asuncion clocks went back at midnight, so that 23:59:59 happened twice.
    day = date(2023, 3, 25)
    assert end_of_day(day, "America/Asuncion") == datetime(2023, 3, 26, 3, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "zone", ["Pacific/Auckland", "America/Los_Angeles", "Asia/Kathmandu", "Europe/Berlin"]
)
def test_a_forge_that_keeps_only_the_day_is_believed(zone: str) -> None:
    ours = end_of_day(date(2026, 11, 1), zone)
    midnight = datetime(2026, 11, 1, tzinfo=ZoneInfo("America/Los_Angeles")).astimezone(UTC)
    assert same_due(ours, ours)
    assert same_due(ours, midnight)
    assert not same_due(ours, midnight - timedelta(days=1))
    assert not same_due(ours, ours + timedelta(hours=1))
    assert not same_due(ours, None)


@given(days, st.integers(1, 400), st.lists(st.tuples(days, st.integers(0, 30)), max_size=4))
def test_a_study_day_is_never_in_a_break_and_counts_exactly(
    start: date, number: int, spans: list[tuple[date, int]]
) -> None:
    breaks: list[Break] = []
    for first, length in sorted(spans):
        if not breaks or first > breaks[-1].last:
            breaks.append(Break(first=first, last=first + timedelta(days=length)))
    day = study_day(start, number, breaks)
    span = [start + timedelta(days=offset) for offset in range((day - start).days + 1)]
    counted = [moment for moment in span if not any(b.first <= moment <= b.last for b in breaks)]
    assert len(counted) == number
    assert counted[-1] == day


@given(days, st.sampled_from(sorted(available_timezones())))
def test_the_last_second_of_a_day_is_followed_by_another_day(day: date, zone: str) -> None:
    end = end_of_day(day, zone)
    assert end.astimezone(ZoneInfo(zone)).date() == day
    assert (end + timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date() > day
