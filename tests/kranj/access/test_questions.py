"""What a caller chooses of a search (order, facets, functions, questions within questions) tells nothing hidden."""

import copy

import pytest

import ckan.plugins.toolkit as tk

from ckanext.kranj.access import protection

HIDDEN, NEVER = "kanarcek", "nikolinapisano"
JOIN = r"\{{!join from=site_id to=site_id}}text:{0}"


@pytest.fixture
def two_and_one(catalogue, complete_dataset):
    """Two public datasets and a hidden one; only that one has the word, in its title and as a tag."""
    site = {"user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"], "ignore_auth": True}
    for title, level, owner in (("Javna ena", "public", "domplan"), ("Javna dve", "public", "domplan"),
                                (f"Skrita {HIDDEN}", "restricted", "arso")):  # fmt: skip
        given = copy.deepcopy(complete_dataset) | {"title_translated": {"sl": title}, "visibility": level}
        tags = {"tags_translated": {"sl": [HIDDEN if level == "restricted" else "javno"]}}
        made = tk.get_action("package_create")(dict(site), {**given, **tags, "owner_org": owner})
    return made


def told(catalogue, question):
    """What a visitor is answered: the status, and of an answer its rows in their order."""
    answer = catalogue.post("/api/action/package_search", json=question, status=None)
    result = answer.json.get("result") or {}
    return answer.status_code, [row["title"] for row in result.get("results", ())], answer.body


BEYOND = [
    {"q": "javna", "sort": "if(gt(docfreq(text,'{0}'),0),ord(title_string),sub(9,ord(title_string))) asc"},
    {"q": "javna", "sort": "mul(if(gt(docfreq(text,'{0}'),0),1,-1),ord(title_string)) asc"},
    {"q": "if(gt(docfreq(text,'{0}'),0),ord(title_string),sub(9,ord(title_string)))", "defType": "func"},
    {"q": "javna", "defType": "edismax", "bf": "mul(1000,docfreq(text,'{0}'),ord(title_string))"},
    {"q": "javna", "defType": "edismax", "boost": "add(1,mul(docfreq(text,'{0}'),ord(title_string)))"},
    {"q": "javna", "fq": r"\u005fquery_:" + r'"\u007b!frange l=1}}docfreq(text,{0})"'},
    {"q": "javna", "fq": r'\u005fquery\u005f:"' + JOIN + '"'},
    {"q": "javna", "fq_list": [r'\u005Fquery_:"' + JOIN + '"']},
    {"q": r'\u005fquery_:"' + JOIN + '"'},
    {"q": r'_query_ /* */ :"' + JOIN + '"'},
    {"q": "javna", "fq": r'_query_ /* : */ :"{{\!frange l=1}}docfreq(text,{0})"'},
]
"""Each tells a visitor of stock CKAN 2.12.0 whether a word stands in a description that he does not see."""


def both(catalogue, question):
    """What is answered about the word that the hidden dataset has, and about one that none has."""
    for word in (HIDDEN, NEVER):
        asked = {key: [one.format(word) for one in value] if isinstance(value, list) else value.format(word)
                 for key, value in question.items()}  # fmt: skip
        yield told(catalogue, asked)[:2]


@pytest.mark.parametrize("question", BEYOND)
def test_no_question_looks_beyond_its_rows(catalogue, two_and_one, monkeypatch, question):
    there, never = both(catalogue, question)
    assert there == never == (409, [])
    monkeypatch.setitem(tk.config, protection.KEY, ["search"])
    there, never = both(catalogue, question)
    assert there != never, "stock does tell; without this the line above proves nothing"


@pytest.mark.parametrize("least", [0, "0", " -0 ", "0_0", "٠", 0.0, 0.5, False, None, [0], "x"])
@pytest.mark.parametrize("field", ["tags", "id", "name", "text", "organization"])
def test_facets_are_of_the_rows_that_are_found(catalogue, two_and_one, field, least):
    asked = {"q": "javna", "rows": 0, "facet.field": [field], "facet.mincount": least, "facet.limit": -1}
    status, _, body = told(catalogue, asked)
    assert status in (200, 409)
    assert [word for word in (HIDDEN, two_and_one["id"], two_and_one["name"], "arso") if word in body] == []


@pytest.mark.parametrize("asked", [
    {"sort": ["name asc", "docfreq(text,'x') asc"]}, {"sort": "permission_labels desc"}, {"sort": {"name": "asc"}},
    {"fl": [["contact_email"]]}, {"fl": [{"a": "b"}]}, {"wt": "xml"}, {"defType": "join"}, {"q": "a", "df": "_query_"},
    {"q": "a", "qf": "_val_^2"}, {"defType": ["func"]}, {"defType": {"a": 1}},
])  # fmt: skip
def test_odd_questions_are_refused(catalogue, asked):
    assert told(catalogue, asked)[0] == 409


@pytest.mark.parametrize("asked", [
    {"sort": "score desc, metadata_modified desc"}, {"sort": "title_string asc"}, {"sort": "name asc,id asc"},
    {"sort": "views_recent desc"}, {"q": "title:javna", "defType": "lucene"}, {"q": "javna", "defType": "edismax"},
    {"q": "javna", "qf": "title^4 text", "mm": "1", "tie": "0.1"}, {"q": "title_string:Javna*"},
    {"q": "javna", "fq": r"title:Javna\ ena OR title_string:Javna*"},
])  # fmt: skip
def test_questions_of_developers_are_answered(catalogue, two_and_one, asked):
    assert len(told(catalogue, asked)[1]) == 2


@pytest.mark.parametrize("path", ["/dataset/", "/organization/domplan", "/group/promet", "/feeds/custom.atom"])
@pytest.mark.parametrize("query", [r"q=\u005fquery_:x", "sort=docfreq(text,x)%20asc", "q=javna"])
def test_pages_answer_in_words(catalogue, two_and_one, path, query):
    assert catalogue.get(f"{path}?{query}", status=None).status_code == (200 if query == "q=javna" else 400)
