"""Looks a waivers file over: what in it is stale, and what soon will be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from harness.waivers import Waivers
from reports.model import Results


@dataclass(frozen=True)
class WaiverReview:
    """What was found, one line a waiver."""

    stale: tuple[str, ...]
    soon: tuple[str, ...]


def review_waivers(
    waivers: Waivers,
    results: Results | None,
    *,
    known: Mapping[str, Collection[str]],
    today: date,
    soon: timedelta,
) -> WaiverReview:
    """Hold waivers against the checks there are, the calendar, and a run where one is given.

    Args:
        waivers: the file's.
        results: a run; without one, whether a waiver still matches anything is not looked at.
        known: every check there is, with the names of its cases.
        today: the day of the review.
        soon: a waiver that expires within this time is named.
    """
    target = results.header.target.name if results else ""
    records = results.records if results else []
    stale = [finding.message for finding in waivers.stale(records, known=known, target=target, today=today)]
    named = " ".join(stale)
    stale += [
        f"waiver for {waiver.name}: it expired on {waiver.expires}: mend what it was for, or renew it"
        for waiver in waivers.waivers
        if not waiver.in_force(today) and f"waiver for {waiver.name}:" not in named
    ]
    ending = [
        f"waiver for {waiver.name}: it expires on {waiver.expires}, in {(waiver.expires - today).days} days; "
        f"tell {waiver.owner}"
        for waiver in waivers.waivers
        if waiver.in_force(today) and waiver.expires - today <= soon
    ]
    return WaiverReview(tuple(stale), tuple(ending))
