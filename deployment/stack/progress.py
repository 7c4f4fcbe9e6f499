"""Progress on the terminal: what is being done and how long it took."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

stream = sys.stdout


def say(text: str = "") -> None:
    """Print one line at once, also into a pipe."""
    print(text, file=stream, flush=True)


@contextmanager
def step(label: str) -> Iterator[None]:
    """Show ``label`` while the block runs and its duration when it has ended."""
    started = time.monotonic()
    live = stream.isatty()
    if live:
        print(f"  …  {label}", end="\r", file=stream, flush=True)
    try:
        yield
    except BaseException:
        say(f"  ✗  {label:<58} {time.monotonic() - started:6.1f} s")
        raise
    say(f"  ✓  {label:<58} {time.monotonic() - started:6.1f} s")
