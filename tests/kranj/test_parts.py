"""What may be left out can be left out: a portal of the plugin ``kranj`` alone still keeps and shows descriptions."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json, sys
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app

application = make_app(CKANConfigLoader(sys.argv[1]).get_config())
import ckan.plugins as p
import ckan.plugins.toolkit as tk

with application._wsgi_app.test_request_context():
    dataset = tk.get_action("package_create")({"user": sys.argv[2]}, json.load(sys.stdin))
client = application._wsgi_app.test_client()
pages = {path: client.get(path).status_code for path in ("/", "/dataset/", "/dataset/" + dataset["name"], "/about")}
print(json.dumps({"plugins": [n for n in p.core._PLUGINS if n.startswith("kranj")], "pages": pages}))
"""


@pytest.mark.parametrize(
    "plugins",
    ["kranj", "kranj kranj_feed dcat", "kranj kranj_harvest harvest", "kranj kranj_exchange"],
    ids=["alone", "with the feed", "with harvesting", "with the exchange"],
)
def test_the_rest_still_runs(catalogue, complete_dataset, tmp_path, plugins):
    from ckan.tests import factories

    user = factories.Sysadmin()["name"]
    ini = tmp_path / "part.ini"
    ini.write_text(
        f"[app:main]\nuse = config:{ROOT / 'test.ini'}\n"
        f"ckan.plugins = {plugins} scheming_organizations scheming_groups\n",
        encoding="utf-8",
    )
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, str(ini), user],
        input=json.dumps(complete_dataset), capture_output=True, text=True, env=dict(os.environ), check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-3000:]
    answer = json.loads(result.stdout.splitlines()[-1])
    assert set(answer["pages"].values()) == {200}, answer
