"""What a company has to say about itself, by the legal form in its name."""

from dataclasses import replace

import pytest

from billing.company_details import Missing, missing_details, shortened_directors
from tests.billing.legal_samples import SELLER

ENTRY = {"register_court": "Amtsgericht München", "register_number": "HRB 1"}
BARE = replace(SELLER, register_court="", register_number="", managing_directors=())


@pytest.mark.parametrize(
    ("name", "law"),
    [
        ("Sommer GmbH", "§ 35a GmbHG"),
        ("Sommer UG (haftungsbeschränkt)", "§ 35a GmbHG"),
        ("Bau AG", "§ 80 AktG"),
        ("Malereinkauf Süd eG", "§ 25a GenG"),
        ("Sommer GmbH & Co. KG", "§§ 125, 177a HGB"),
    ],
)
def test_limited_companies_name_register_and_directors(name: str, law: str) -> None:
    """Court, number and every director."""
    seller = replace(BARE, name=name)
    assert missing_details(seller) == Missing(law, ("register_court", "register_number", "managing_directors"))
    assert missing_details(replace(seller, **ENTRY, managing_directors=("Anna Sommer",))) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["Sommer e. K.", "Sommer e.K.", "Sommer KG", "Sommer & Winter OHG"])
def test_others_name_the_register(name: str) -> None:
    """§§ 37a, 125 HGB: no directors."""
    missing = missing_details(replace(BARE, name=name))
    assert missing is not None
    assert missing.fields == ("register_court", "register_number")


@pytest.mark.parametrize("name", ["Malermeister Sommer", "Sommer & Winter GbR", "KGB-Museum", "Agentur Ugur"])
def test_others_owe_nothing(name: str) -> None:
    """Without an entry there is nothing to say, whatever letters the name holds."""
    assert missing_details(replace(BARE, name=name)) is None


@pytest.mark.parametrize("name", ["A. Sommer", "Sommer", "A Sommer", "Dr. Sommer"])
def test_first_names_are_written_out(name: str) -> None:
    """At least one full first name."""
    seller = replace(SELLER, managing_directors=(name, "Dr. Jo Sommer"))
    assert shortened_directors(seller) == (name,)
