"""A process of its own that calls actions as the site user: a line of JSON in, a line of JSON out.

Run as ``actor.py INI``; says ``ready`` first.
"""

from __future__ import annotations

import json
import sys

from ckan.cli.cli import CtxObject


def main(ini: str) -> None:
    """Call what stands on each line: the name of an action and its data."""
    app = CtxObject(ini).app
    import ckan.plugins.toolkit as tk
    from ckan import model

    with app._wsgi_app.app_context():
        user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        model.Session.commit()
        print(json.dumps("ready"), flush=True)  # noqa: T201
        for line in sys.stdin:
            name, data = json.loads(line)
            try:
                tk.get_action(name)({"ignore_auth": True, "user": user}, data)
                said = ""
            except Exception as error:  # noqa: BLE001 - told to who asked
                said = f"{name} {data.get('id')}: {type(error).__name__}: {error}"
            model.Session.remove()
            print(json.dumps(said), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
