"""YAML files say each thing once: PyYAML lets the second of two equal keys win without a word."""

from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[1]
FILES = sorted(
    path.relative_to(ROOT) for folder in ("schemas", "harvesters", "ckanext-kranj", "deployment")
    for path in (ROOT / folder).rglob("*.yaml")
)  # fmt: skip


class Strict(yaml.SafeLoader):
    """Refuses a key that stands twice in one mapping."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        doubled = {str(key) for key in keys if keys.count(key) > 1}
        if doubled:
            raise yaml.constructor.ConstructorError(None, None, f"twice: {sorted(doubled)}", node.start_mark)
        return super().construct_mapping(node, deep)


@pytest.mark.parametrize("name", FILES, ids=str)
def test_no_key_stands_twice(name):
    yaml.load((ROOT / name).read_text(encoding="utf-8"), Strict)  # noqa: S506 a safe loader


def test_the_check_finds_one():
    with pytest.raises(yaml.constructor.ConstructorError, match="twice"):
        yaml.load("a: 1\nb: 2\na: 3\n", Strict)  # noqa: S506 a safe loader
