"""Command line of the stack: ``python -m stack run|test …``; called by ``deployment/run`` and ``deployment/test``."""

import os
import sys

from . import progress
from .errors import StackError
from .python import trust_certificates


def main() -> int:
    """Run ``run`` or ``test``; a condition the user can mend is two sentences, never a traceback."""
    which, *arguments = sys.argv[1:]
    os.environ.pop("PYTHONPATH", None)  # was for finding this package; the programs we start have their own
    os.environ.pop("PYTHONSAFEPATH", None)
    if "env" in arguments:
        progress.stream = sys.stderr  # what stands on stdout is for the shell
    try:
        trust_certificates()
        if which == "test":
            from . import test

            return test.main(arguments)
        from . import run

        return run.main(arguments)
    except StackError as error:
        print(f"\n{error.problem}\n{error.remedy}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1


sys.exit(main())
