"""Documentation is enforced: every option, command, action and field is in docs/, and nothing there is gone."""

import re
from pathlib import Path

import pytest
import yaml

from schemas import dataset_fields, internal_fields, resource_fields, series_fields, system_fields, texts, vocabularies

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
KRANJ = ROOT / "ckanext-kranj" / "ckanext" / "kranj"


def text(name):
    return (DOCS / name).read_text(encoding="utf-8")


def declared():
    """Keys of every config_declaration.yaml of ours."""
    for path in KRANJ.rglob("config_declaration.yaml"):
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            yield from (option["key"] for option in group["options"])


FIELDS = [field.name for field in (*dataset_fields(), *resource_fields(), *internal_fields(), *series_fields())]


@pytest.mark.unit
class TestWithoutServers:
    def test_every_option_is_documented_and_nothing_else(self):
        assert set(re.findall(r"^\| `(kranj\.[a-z_.]+)`", text("configuration.md"), re.M)) == set(declared())

    @pytest.mark.parametrize(
        "field", [f.name for f in (*dataset_fields(), *resource_fields(), *internal_fields(), *series_fields())]
    )
    def test_every_field_is_documented(self, field):
        assert f"| `{field}` |" in text("fields.md")

    @pytest.mark.parametrize("field", [field.name for field in system_fields()])
    def test_every_field_of_a_system_is_documented(self, field):
        assert f"| `{field}` |" in text("register.md")

    def test_every_problem_is_documented(self):
        assert set(re.findall(r"^\| `([a-z-]+)` \| (?:error|warning)", text("problems.md"), re.M)) == set(texts())

    def test_every_vocabulary_is_documented(self):
        assert set(re.findall(r"^\| `([a-z_]+)` \|", text("vocabularies.md"), re.M)) == set(vocabularies())

    def test_generated_pages_are_up_to_date(self):
        from schemas import documentation

        for name, page in documentation.pages().items():
            assert text(name) == page, f"run: python -m schemas.documentation docs  ({name} differs)"

    def test_links_between_pages_lead_somewhere(self):
        for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")):
            for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
                assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} -> {target}"

    def test_nothing_of_a_machine_is_in_the_pages(self):
        for page in (ROOT / "README.md", *DOCS.rglob("*.md")):
            assert not re.search(r"/(work|root|home)/", page.read_text(encoding="utf-8")), page


def test_every_action_is_documented(catalogue):
    from ckan import logic

    logic.get_action("package_show")
    ours = {name for name in logic._actions if name.startswith("kranj_")}
    assert set(re.findall(r"`(kranj_[a-z_]+)`", text("api.md"))) >= ours


def test_every_command_is_documented(catalogue):
    from ckanext.kranj.cli import kranj

    def commands(group, path):
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from commands(command, f"{path} {name}")
            else:
                yield f"{path} {name}"

    page = text("cli.md")
    assert [name for name in commands(kranj, "ckan kranj") if f"`{name}" not in page] == []
