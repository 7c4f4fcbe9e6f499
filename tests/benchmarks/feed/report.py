"""What is promised of the feed, and the table that holds the figures against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

WAYS = {"rows": "full crawl from rows", "ready": "full crawl of ready pages", "unchanged": "unchanged crawl"}
GROWTH = 1.5
"""Times the cost per dataset of the smallest catalogue: more is not flat. Measured doubt, not slack: see README."""

Row = tuple[str, str, str, bool | None]


@dataclass(frozen=True)
class Promise:
    """A figure that must not be passed.

    Args:
        name: of the figure.
        limit: what is promised.
        most: whether the figure may be at most that much; else at least.
    """

    name: str
    limit: float
    most: bool

    def kept(self, value: float) -> bool:
        """Whether a figure keeps it."""
        return value <= self.limit if self.most else value >= self.limit

    def __str__(self) -> str:
        return f"{'≤' if self.most else '≥'} {self.limit:g}"


def _row(figures: dict[str, Any], said: str, promise: Promise, unit: str = "", more: str = "") -> list[Row]:
    if promise.name not in figures:
        return [(said, "not measured", f"{promise}{unit}", None)]
    value = figures[promise.name]
    figure = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    return [(said, f"{figure}{unit}{more and f' ({more})'}", f"{promise}{unit}", promise.kept(value))]


def rows(figures: dict[str, Any], sizes: list[int]) -> list[Row]:
    """What, how much, what is promised, whether it is kept (None: nothing to judge).

    Args:
        figures: by name, as ``measure.py`` tells them.
        sizes: of the catalogues for the cost per dataset.
    """
    told: list[Row] = []
    for (way, said), limit in zip(WAYS.items(), (60, 500, 700), strict=True):
        name, more = f"{way}, times", ""
        if name in figures:
            more = (
                f"{figures[f'crawl {way}, s']:.2f} s, stock {figures['stock crawl (extrapolated), s']:.0f} s; "
                f"{figures[f'{way}, times in processor time']:.0f} × in processor time; served by: {figures[f'served, {way}']}"
            )
        told += _row(figures, f"{said}, beside stock", Promise(name, limit, most=False), " ×", more)
    for way, said in WAYS.items():
        name = f"first byte {way}, 19 of 20, ms"
        more = f"median {figures[f'first byte {way}, median, ms']:.3g}" if name in figures else ""
        told += _row(figures, f"first byte, {said}, 19 of 20", Promise(name, 100, most=True), " ms", more)
    for way, said in WAYS.items():
        costs = [figures.get(f"{number}: {way}, µs per dataset, processor") for number in sizes]
        known = [cost for cost in costs if cost]
        flat = max(known[1:]) <= GROWTH * known[0] if len(known) > 1 else None
        figure = ", ".join(
            f"{cost:.3g} µs at {number:,}" for cost, number in zip(costs, sizes, strict=True) if cost
        ) or "not measured"  # fmt: skip
        told.append((f"processor per dataset, {said}", figure, f"flat (≤ {GROWTH} × the first)", flat))
    told += _row(figures, "memory of the worker", Promise("memory of the worker, MB", 250, most=True), " MB")
    for number in sizes:
        promise = Promise(f"{number}: memory of the worker, MB", 250, most=True)
        told += _row(figures, f"memory of the worker, {number:,} datasets", promise, " MB")
    told += _row(figures, "an edit is visible, longest of ten", Promise("edit visible after, s", 1, most=True), " s")
    more = ""
    if "save: processor, times" in figures:
        more = (
            f"95 of 100: {figures['save: processor, from']:.3f} to {figures['save: processor, to']:.3f},"
            f" {figures['save: pairs']} pairs; {figures['save: processor more, ms']:+.2f} ms"
            f" on {figures['save: processor without, ms']:.1f} ms"
        )
    told += _row(
        figures, "price of a save, in processor time", Promise("save: processor, times", 1.05, most=True), " ×", more
    )
    if "save: rendering, processor ms" in figures:
        cost = f"{figures['save: rendering, processor ms']:.1f} ms of processor time"
        told.append(("rendering of a saved dataset, later, in four formats", cost, "", None))
    return told


def table(told: list[Row]) -> str:
    """The rows as Markdown."""
    words = {True: "kept", False: "BROKEN", None: "-"}
    lines = ["| what | figure | promised | |", "|---|---|---|---|"]
    return "\n".join(
        [*lines, *(f"| {what} | {figure} | {limit} | {words[kept]} |" for what, figure, limit, kept in told)]
    )
