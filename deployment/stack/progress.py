"""Progress on the terminal: what is being done and how long it took."""

import contextlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

stream = sys.stdout


def say(text: str = "") -> None:
    """Print one line at once, also into a pipe; a reader who went away ends nothing."""
    with contextlib.suppress(BrokenPipeError):
        print(text, file=stream, flush=True)


@dataclass
class Result:
    """How a step ended; its block may set ``good`` to false."""

    good: bool = True


@contextmanager
def step(label: str) -> Iterator[Result]:
    """Show ``label`` while the block runs, and how it ended and its duration afterwards."""
    started = time.monotonic()
    result = Result()
    if stream.isatty():
        print(f"  …  {label}", end="\r", file=stream, flush=True)
    try:
        yield result
    except BaseException:
        result.good = False
        raise
    finally:
        done(label, time.monotonic() - started, good=result.good)


def done(label: str, seconds: float, *, good: bool = True) -> None:
    """Show that a step has ended, and how long it took."""
    say(f"  {'✓' if good else '✗'}  {label:<58} {seconds:6.1f} s")
