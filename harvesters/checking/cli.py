"""``kranj-validate FILE…``: check files of descriptions; needs no catalogue and no network."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from harvesters.checking.check import Checked, check_file
from schemas import Problem, texts

Results = Mapping[str, list[Checked]]


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 when every description passes, 1 when one has an error, 2 when a file is not there.
    """
    parser = argparse.ArgumentParser(
        prog="kranj-validate",
        description="Preveri opise podatkovnih zbirk po standardu Mestne občine Kranj. / Check dataset descriptions.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="JSON, JSON-LD, Turtle, RDF/XML, XLSX, CSV")
    parser.add_argument("--format", choices=("text", "json", "sarif"), default="text", help="izpis / output")
    parser.add_argument("--lang", choices=("sl", "en"), default="sl", help="jezik / language")
    chosen = parser.parse_args(arguments)
    results: dict[str, list[Checked]] = {}
    for name in chosen.files:
        try:
            results[name] = check_file(name, Path(name).read_bytes())
        except OSError as error:
            print(f"{name}: {error.strerror}", file=sys.stderr)
            return 2
    write = {"text": as_text, "json": as_json, "sarif": as_sarif}[chosen.format]
    # Half a character, which a file may hold, cannot be printed.
    print(write(results, chosen.lang).encode("utf-8", "backslashreplace").decode("utf-8"))
    return 0 if all(item.passed for found in results.values() for item in found) else 1


def as_text(results: Results, lang: str) -> str:
    """For people: each description with its problems and what to do, then a count."""
    lines = []
    for name, found in results.items():
        for item in found:
            lines.append(f"{name} {item.place} {item.title}".rstrip())
            lines += [_line(problem, lang) for problem in item.problems]
    checked = [item for found in results.values() for item in found if item.place]
    good = sum(item.passed for item in checked)
    words = {"sl": f"Ustreza {good} od {len(checked)} opisov.", "en": f"{good} of {len(checked)} descriptions pass."}
    return "\n".join([*lines, words[lang]])


_MARKS = {"error": {"sl": "NAPAKA", "en": "ERROR"}, "warning": {"sl": "opozorilo", "en": "warning"}}


def _line(problem: Problem, lang: str) -> str:
    where = f"{problem.path}: " if problem.path else ""
    mark = _MARKS[problem.severity][lang]
    return f"  {mark} {where}{problem.text(lang)} {problem.remedy(lang)} [{problem.code}]"


def report(found: Iterable[Checked]) -> list[dict[str, Any]]:
    """The verdicts as data, with the words in both languages."""
    return [
        {
            "place": item.place,
            "title": item.title,
            "passed": item.passed,
            "problems": [problem.as_dict() for problem in item.problems],
        }
        for item in found
    ]


def as_json(results: Results, _lang: str) -> str:
    """For programs."""
    return json.dumps({name: report(found) for name, found in results.items()}, ensure_ascii=False, indent=1)


def as_sarif(results: Results, lang: str) -> str:
    """SARIF 2.1.0, as code forges and editors show findings."""
    used = sorted({problem.code for found in results.values() for item in found for problem in item.problems})
    rules = [{"id": code, "shortDescription": {"text": texts()[code][lang]}} for code in used]
    run = {
        "tool": {
            "driver": {"name": "kranj-validate", "informationUri": "https://podatki.kranj.si/standard", "rules": rules}
        },
        "results": [
            _sarif(name, item, problem, lang)
            for name, found in results.items()
            for item in found
            for problem in item.problems
        ],
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1)


def _sarif(name: str, item: Checked, problem: Problem, lang: str) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": Path(name).as_posix()}}
    if item.line:
        place["region"] = {"startLine": item.line}
    return {
        "ruleId": problem.code,
        "level": problem.severity,
        "message": {"text": f"{item.title}: {problem.path}: {problem.text(lang)} {problem.remedy(lang)}"},
        "locations": [
            {"physicalLocation": place, "logicalLocations": [{"fullyQualifiedName": f"{item.place}.{problem.path}"}]}
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
