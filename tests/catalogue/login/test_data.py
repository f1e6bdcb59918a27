"""The catalogue of tokens: what it names is there, and its patterns tell what they are for apart."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import smtpprobe
from smtpprobe.catalogue.login import tokens
from smtpprobe.catalogue.providers import provider_name
from smtpprobe.model.login.secret import TokenForm

DATA = tomllib.loads((Path(smtpprobe.__file__).parent / "catalogue/data/tokens.toml").read_text("utf-8"))


@pytest.mark.parametrize("name", DATA["provider"])
def test_a_provider_is_one_of_the_catalogue_and_wants_audiences_of_it(name):
    provider = tokens.token_provider(name)
    assert provider is not None
    assert provider_name(name)
    assert all(tokens.audience_name(each) for each in provider.audiences)
    assert all(each == each.lower() for each in (*provider.delegated, *provider.application))


def test_what_an_audience_is_called_is_in_lower_case_and_of_one_service():
    values = [value for each in DATA["audience"].values() for value in each["values"]]
    assert values == [value.lower().rstrip("/") for value in values]
    assert len(values) == len(set(values))


@pytest.mark.parametrize("text", DATA["text"], ids=lambda text: text["pattern"])
def test_a_form_is_a_known_one_of_a_known_provider(text):
    assert TokenForm(text["form"]) is not TokenForm.UNKNOWN
    assert provider_name(text["provider"])
    assert re.fullmatch(text["pattern"], "") is None
