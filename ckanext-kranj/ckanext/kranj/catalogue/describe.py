"""From what a caller sends to a description that may be stored: fold, inherit, derive, judge, apply the switch.

The one place where the catalogue asks the standard; actions and the dataset form both come here.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.kranj import config
from ckanext.kranj.access import uploads
from ckanext.kranj.catalogue import forms, links, organizations, origins
from ckanext.kranj.catalogue.internal import InternalBlock
from ckanext.kranj.language import language
from ckanext.kranj.retention import plan

from schemas import Completed, Problem, complete, validate, without_derived

DESCRIBED = "kranj_described"
"""Context key: the data were judged as a whole by our chained action; the dataset form only stores them."""
FINISHED = "kranj_finished"
"""Context key: the ``Finished`` of a description that harvesting has completed and judged already."""


class Finished:
    """The word of our own harvester that it has completed and judged this very description.

    Callers of the API cannot write into a context, and a word is believed only in a call of the portal itself
    (``ignore_auth``), for the object that it was given for, and once.
    """

    def __init__(self, data_dict: dict[str, Any]):
        """Give the word for a description; it must not be changed afterwards."""
        self._data_dict: dict[str, Any] | None = data_dict

    @classmethod
    def take(cls, context: dict[str, Any], data_dict: dict[str, Any]) -> bool:
        """Whether this call carries the word for this description; it is taken out of the context."""
        word = context.pop(FINISHED, None)
        if type(word) is not cls or word._data_dict is not data_dict or not context.get("ignore_auth"):
            return False
        word._data_dict = None
        return True


@dataclass(frozen=True)
class Description:
    """A description that passed: what goes into the package, what goes into kranj_internal, what to mention."""

    dataset: dict[str, Any]
    internal: dict[str, Any] | None
    warnings: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Judgement:
    """A completed description with everything that is wrong with it."""

    dataset: dict[str, Any]
    internal: dict[str, Any] | None
    problems: list[Problem]
    draft: bool


def describe(context: dict[str, Any], data_dict: dict[str, Any], original: dict[str, Any] | None = None) -> Description:
    """Complete and judge a description.

    Args:
        context: CKAN's; ``package`` is set when an existing dataset is updated.
        data_dict: the dataset as sent, with or without ``internal``.
        original: the stored dataset (package_show) of an update, for the resources that were not sent again.

    Raises:
        tk.ValidationError: ``{field: ["[code] text"]}``, every problem at once.
    """
    found = judge(context, data_dict, original)
    errors = [problem for problem in found.problems if problem.severity == "error"]
    if errors:
        raise tk.ValidationError(error_dict(errors))
    derive(found.dataset, draft=found.draft)
    warnings = [problem for problem in found.problems if problem.severity == "warning"]
    return Description(found.dataset, found.internal, warnings)


def judge(context: dict[str, Any], data_dict: dict[str, Any], original: dict[str, Any] | None = None) -> Judgement:
    """Complete a description and find its problems; arguments as of ``describe``, nothing is raised."""
    finished = Finished.take(context, data_dict)
    package = context.get("package")
    stored = InternalBlock.of(package.id) if package is not None else None
    forms.fold_in_place(data_dict)
    sent = dict(data_dict)
    internal = sent.pop("internal", None)
    planned = plan.defaults(sent)
    sent |= planned
    finished = finished and not planned  # whoever judged it knew nothing of the plan
    owner = organizations.find(sent.get("owner_org") or (package.owner_org if package else None))
    if isinstance(sent.get("resources"), list):
        sent["resources"] = [_named_by_upload(item) for item in sent["resources"]]
    # Shapes of CKAN's own keys (resources, extras) are judged before anything walks through them.
    fresh = without_derived(sent, original) if original else sent
    whole = Completed(fresh, {}) if finished else complete(fresh, organizations.defaults_of(owner) if owner else {})
    completed = whole.dataset
    if sent.get("resources") == []:
        completed["resources"] = []  # sent empty it means: take them all away; left out it means: leave them
    draft = (sent.get("state") or (package.state if package else "active")) == "draft"
    before = origins.Before(original or {}, dict(stored.data) if stored else {})
    inherited = organizations.internal_defaults_of(owner) if owner else None
    person = not context.get("ignore_auth")
    block = origins.block_of(internal, before, whole, inherited, draft=draft, steward=person)
    judged = {**completed, "internal": block}
    if "resources" not in judged and original is not None:
        judged["resources"] = original.get("resources", [])
    if owner:
        judged["owner_org"] = owner.name  # the rules know organisations by name
        completed["owner_org"] = owner.id  # and CKAN looks an id up in one question
    if isinstance(judged.get("resources"), list):
        judged["resources"] = [_with_upload_address(item) for item in judged["resources"]]
    problems = [] if finished else [*validate(judged, draft=draft, reachable=config.reachable_hosts())]
    if owner is None and isinstance(named := judged.get("owner_org"), str) and named:
        problems.append(Problem.of("owner_org", "unknown-organization", value=named[:100]))
    problems += uploads.problems(sent)
    problems += links.problems(context, judged, owner, before)
    return Judgement(completed, block, problems, draft)


def _named_by_upload(resource: Any) -> Any:
    """A file that is being uploaded is named by itself, so that its format is known before CKAN stores it."""
    name = getattr(resource.get("upload"), "filename", None) if isinstance(resource, dict) else None
    return {**resource, "url": name} if name and not resource.get("url") else resource


def _with_upload_address(resource: Any) -> Any:
    """A file that is being uploaded has no address yet: judge it by the one that CKAN will give it."""
    if not isinstance(resource, dict) or not (resource.get("upload") or resource.get("url_type") == "upload"):
        return resource
    judged = {key: value for key, value in resource.items() if key not in {"upload", "clear_upload"}}
    return {**judged, "url_type": "upload", "url": "https://upload.invalid/file"}


def derive(dataset: dict[str, Any], *, draft: bool) -> None:
    """Set the keys of CKAN that follow from ours, in place."""
    dataset["title"] = (dataset.get("title_translated") or {}).get("sl", "")
    dataset["notes"] = (dataset.get("notes_translated") or {}).get("sl", "")
    # The rule of the switch (DESIGN 5): everything not public, and every draft, is private too.
    dataset["private"] = draft or dataset.get("visibility") != "public"
    for resource in dataset.get("resources") or ():
        resource["name"] = (resource.get("name_translated") or {}).get("sl", "")
        resource["description"] = (resource.get("description_translated") or {}).get("sl", "")
        resource.setdefault("url", "")


def name_of(title: str, identifier: str) -> str:
    """The short name of a dataset: slug of the title (č→c, š→s, ž→z), at most 80 characters, and 8 hex of the id."""
    return f"{slug_of(title) or 'zbirka'}-{identifier.replace('-', '')[:8]}"


def slug_of(title: str) -> str:
    """A title as part of an address: č→c, š→s, ž→z, hyphens, at most 80 characters."""
    plain = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].strip("-")


WHOLE = "resource"
"""Where a problem of a resource as a whole stands among those of its fields."""


def error_dict(problems: list[Problem]) -> dict[str, Any]:
    """Problems as CKAN returns them: texts by field, in the language of the request; resources by position.

    What is wrong with a resource as a whole, or with their list where single ones are wrong, too, stands under WHOLE.
    """
    errors: dict[str, Any] = {}
    rows: defaultdict[int, dict[str, list[str]]] = defaultdict(dict)
    for problem in problems:
        head, _, rest = problem.path.partition(".")
        name, _, index = head.partition("[")
        where = f"{problem.path}: " if (rest or index) and name != "resources" else ""
        message = problem_text(problem, where)
        if name == "resources" and index:
            rows[int(index.rstrip("]"))].setdefault(re.split(r"[.\[]", rest)[0] or WHOLE, []).append(message)
        else:
            errors.setdefault(name or "__before", []).append(message)
    if rows:
        of_list = errors.pop("resources", [])
        errors["resources"] = [rows[position] for position in range(max(rows) + 1)]
        if of_list:
            errors["resources"][0].setdefault(WHOLE, []).extend(of_list)
    return errors


def refuse(path: str, code: str, **params: Any) -> tk.ValidationError:
    """The refusal that one problem makes, in the language of the request."""
    return tk.ValidationError(error_dict([Problem.of(path, code, **params)]))


def problem_text(problem: Problem, where: str = "") -> str:
    """One problem as CKAN shows it: ``[code] what is wrong. What to do.`` in the language of the request."""
    lang = language()
    return f"[{problem.code}] {where}{problem.text(lang)} {problem.remedy(lang)}"
