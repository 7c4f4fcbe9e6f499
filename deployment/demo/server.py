"""Start the demonstration city: ``python deployment/demo/server.py --port 8001``."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # The folder of the package, not the folder of this file, so that its modules have their own names.
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from demo.web import main

    raise SystemExit(main())
