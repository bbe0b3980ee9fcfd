"""The French of rows: a rule for every read model and column, words for every column and every code."""

from __future__ import annotations

import pytest

from hub.domain.codes import LISTS
from hub.projections import free_texts, labels, rules, wording
from hub.projections.models import PERSON_MODELS, SUBJECT_MODELS
from hub.projections.readmodel import names

SAME_IN_BOTH = {"mode", "phase", "public", "site", "version"}
MODELS = {
    model.name: (*names(model.key), *names(model.columns))
    for model in (*PERSON_MODELS, *(each for models in SUBJECT_MODELS.values() for each in models))
}


def test_every_read_model_has_a_rule_of_one_sentence_and_a_name() -> None:
    assert set(rules.MODELS) == MODELS.keys() | {"timeline", "link"}
    assert set(wording.MODELS) == set(rules.MODELS)
    for text in (*rules.MODELS.values(), *rules.COLUMNS.values()):
        assert text[0].isupper()
        assert text.endswith(".")
        assert "  " not in text


def test_a_rule_of_a_column_is_about_a_column_that_there_is() -> None:
    for model, column in rules.COLUMNS:
        assert column in MODELS[model]
        assert rules.sentence(model, column) != rules.MODELS[model]


def test_a_column_without_a_rule_of_its_own_has_its_read_models() -> None:
    assert rules.sentence("delegation", "ground") == rules.MODELS["delegation"]
    assert rules.sentence("delegation") == rules.MODELS["delegation"]


@pytest.mark.parametrize("model", [model.name for model in PERSON_MODELS])
def test_every_column_that_a_person_has_is_called_something_in_french(model: str) -> None:
    key = set(names(next(each.key for each in PERSON_MODELS if each.name == model)))
    for column in set(MODELS[model]) - key:
        assert wording.column(column) != column or column in SAME_IN_BOTH, column


def test_codes_are_said_in_the_words_of_their_own_list() -> None:
    assert wording.coded("delegation", "status", "active") == "en cours"
    assert wording.coded("appointment", "status", "held") == "honoré"
    assert wording.coded("appointment", "mode", "phone") == "téléphone"
    assert wording.coded("site_mode", "mode", "pilot") == "site pilote"
    assert wording.coded("pathway", "phase", "job_search") == "recherche d'emploi"
    assert wording.coded("need", "phase", "project") == "projet"
    assert wording.coded("diagnosis", "themes", "health,housing") == "santé, logement"
    assert wording.coded("leg", "network", "cap_emploi") == "Cap emploi"
    assert wording.coded("alert", "rule", "title_expires") == labels.RULES["title_expires"]
    assert wording.coded("link", "rule", "reference") == labels.LINK_RULES["reference"]
    assert wording.coded("need_measure", "closes_need", 1) == "oui"
    assert wording.coded("plan_action", "title", "Atelier, puis visite") is None
    assert wording.coded("pathway", "family_name", "active") is None
    assert wording.coded("service", "service", "a_new_code") == "a_new_code"


def test_every_column_that_has_codes_names_a_list_that_there_is() -> None:
    for code_list in (*wording._CODES.values(), *wording._CODES_OF_MODEL.values()):
        assert code_list in LISTS


def test_every_free_text_has_a_name() -> None:
    assert set(free_texts.WORDS) == {"needs", "constraints", "contribution", "description", "summary", "comment"}
