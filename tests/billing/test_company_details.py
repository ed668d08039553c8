"""What a company has to say about itself, by the legal form in its name."""

from dataclasses import replace

import pytest

from billing.company_details import company_problems
from billing.parties import Seller
from tests.billing.legal_samples import SELLER

ENTRY = {"register_court": "Amtsgericht München", "register_number": "HRB 1"}


def codes(seller: Seller) -> list[str]:
    """The codes of what is missing."""
    return [problem.code for problem in company_problems(seller)]


@pytest.mark.parametrize("name", ["Sommer GmbH", "Sommer UG (haftungsbeschränkt)", "Bau AG", "Sommer GmbH & Co. KG"])
def test_limited_companies_name_register_and_directors(name: str) -> None:
    """§ 35a GmbHG: court, number and every director."""
    seller = replace(SELLER, name=name, register_court="", register_number="", managing_directors=())
    assert codes(seller) == ["register", "directors"]
    assert codes(replace(seller, **ENTRY, managing_directors=("Anna Sommer", "Dr. Jo Sommer"))) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["Sommer e. K.", "Sommer e.K.", "Sommer KG", "Sommer & Winter OHG"])
def test_others_name_the_register(name: str) -> None:
    """§§ 37a, 125 HGB: no directors."""
    assert codes(replace(SELLER, name=name)) == ["register"]


@pytest.mark.parametrize("name", ["Malermeister Sommer", "Sommer & Winter GbR", "KGB-Museum", "Agentur Ugur"])
def test_others_owe_nothing(name: str) -> None:
    """Without an entry there is nothing to say, whatever letters the name holds."""
    assert codes(replace(SELLER, name=name)) == []


@pytest.mark.parametrize("name", ["A. Sommer", "Sommer", "A Sommer", "Dr. Sommer", ""])
def test_first_names_are_written_out(name: str) -> None:
    """At least one full first name."""
    assert codes(replace(SELLER, name="Sommer GmbH", managing_directors=(name,))) == ["register", "directors"]
