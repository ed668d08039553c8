"""Each kind of mistake in a client's file is told with line, path, value, expectation and cure."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config.loading import LoadedClient, load_client
from config.problems import ConfigProblem

Broken = Callable[[str, str], list[ConfigProblem]]


class Mistake(NamedTuple):
    """`old` replaced by `new` makes one problem; the line is that of `at`, or of `new`."""

    old: str
    new: str
    path: str
    value: str
    message: str
    cure: str
    at: str = ""


REMIND = "{days: 5, action: reminder}"
LUMP_SUM = "{days: 14, action: notice, lump_sum: true}"
DEAR = "{days: 14, action: notice, fee: 5, channel: none}"
MISTAKES = {
    "unknown key": Mistake(
        "days_until_due: 14", "days_untill_due: 14\n  days_until_due: 14",
        "invoices.days_untill_due", "14", "gibt es nicht", "Gemeint ist wohl „days_until_due“. Erlaubt sind: channel,",
    ),
    "unknown section": Mistake(
        "limits:", "limmits:", "limmits", "", "gibt es nicht", "Gemeint ist wohl „limits“",
    ),
    "unknown key of a customer": Mistake(
        '"10307": {kind: business,', '"10307": {kindd: business,',
        "customers.10307.kindd", '"business"', "gibt es nicht", "Gemeint ist wohl „kind“",
    ),
    "text for a number": Mistake(
        "days_until_due: 14", "days_until_due: vierzehn",
        "invoices.days_until_due", '"vierzehn"', "eine ganze Zahl von Tagen (0 bis 120)", "days_until_due: 14",
    ),
    "number in quotes": Mistake(
        "mails_per_day: 200", 'mails_per_day: "200"', "limits.mails_per_day", '"200"', "eine ganze Zahl", "200",
    ),
    "too large": Mistake(
        "days_until_due: 14", "days_until_due: 400", "invoices.days_until_due", "400", "0 bis 120", "14",
    ),
    "section for a text": Mistake(
        "city: München", "city: {name: München}", "seller.city", "", "ein Text", "Anführungszeichen",
    ),
    "text for a section": Mistake(
        "payments: {system: lexware}", "payments: lexware",
        "payments", '"lexware"', "ein Abschnitt mit eingerückten Einträgen", "",
    ),
    "missing key": Mistake(
        "  street: Lindenstraße 4\n", "", "seller.street", "", "Der Eintrag fehlt: Straße und Hausnummer.",
        "street: Lindenstraße 4", at="seller:",
    ),
    "missing section": Mistake(
        "payments: {system: lexware}\n", "", "payments", "", "Der Eintrag fehlt: Zahlungen.", "", at="name: sommer",
    ),
    "empty value": Mistake(
        "street: Lindenstraße 4", "street:", "seller.street", "(leer)", "Hier steht kein Wert", "Lindenstraße 4",
    ),
    "bad IBAN": Mistake(
        "iban: DE02120300000000202051", "iban: DE02120300000000202052",
        "seller.iban", '"DE02120300000000202052"', "Prüfziffer", "Kontoauszug",
    ),
    "bad tax number": Mistake(
        "181/815/08155", "12/34", "seller.tax_number", '"12/34"', "Steuernummer ist ungültig", "181/815/08155",
    ),
    "bad VAT id": Mistake(
        "  tax_number: 181/815/08155", "  vat_id: DE136695977", "seller.vat_id", '"DE136695977"', "USt-IdNr.",
        "DE136695976",
    ),
    "bad BIC": Mistake(
        "  email: buero@sommer.example\n", "  bic: XY\n  email: buero@sommer.example\n",
        "seller.bic", '"XY"', "8 oder 11 Stellen", "weglassen", at="bic: XY",
    ),
    "neither tax number nor VAT id": Mistake(
        "  tax_number: 181/815/08155\n", "", "seller", "", "§ 14 Abs. 4 Nr. 2 UStG", "tax_number oder vat_id",
        at="seller:",
    ),
    "GmbH without register": Mistake(
        "  name: Sommer Elektrotechnik\n", "  name: Sommer GmbH\n", "seller", "",
        "§ 35a GmbHG mehr auf die Rechnung; es fehlt: register_court, register_number, managing_directors", "Handels",
        at="seller:",
    ),
    "GmbH & Co. KG without register": Mistake(
        "  name: Sommer Elektrotechnik\n", "  name: Sommer GmbH & Co. KG\n", "seller", "", "§§ 125, 177a HGB",
        "Handelsregister", at="seller:",
    ),
    "director with a shortened name": Mistake(
        "  email: buero@sommer.example\n", "  managing_directors: [J. Sommer]\n  email: buero@sommer.example\n",
        "seller.managing_directors[0]", '"J. Sommer"', "ausgeschriebenen Vornamen", "Jana Sommer",
        at="managing_directors:",
    ),
    "certificate that ends before it begins": Mistake(
        "  email: buero@sommer.example\n",
        "  withholding_exemption: {number: 1, valid_from: 2027-01-01, valid_until: 2026-01-01}\n"
        "  email: buero@sommer.example\n",
        "seller.withholding_exemption", "", "endet, bevor sie beginnt", "vertauschen", at="withholding_exemption:",
    ),
    "certificate without its end": Mistake(
        "  email: buero@sommer.example\n",
        "  withholding_exemption: {number: 1}\n  email: buero@sommer.example\n",
        "seller.withholding_exemption.valid_until", "", "Letzter Tag der Gültigkeit", "valid_until: 2028-12-31",
        at="withholding_exemption:",
    ),
    "bad creditor id": Mistake(
        "  email: buero@sommer.example\n",
        "  creditor_id: DE99ZZZ09999999999\n  email: buero@sommer.example\n",
        "seller.creditor_id", '"DE99ZZZ09999999999"', "Prüfziffer", "Bundesbank", at="creditor_id:",
    ),
    "turnover of no year": Mistake(
        "  email: buero@sommer.example\n",
        "  turnover: {letztes: 640000.00}\n  email: buero@sommer.example\n",
        "seller.turnover.letztes", "", "ein Jahr, etwa 2026", "", at="turnover:",
    ),
    "mandate without creditor": Mistake(
        '"10307": {kind: business,',
        '"10307": {direct_debit: {mandate: M-7, iban: DE75512108001245126199}, kind: business,',
        "customers.10307.direct_debit", "", "fehlt die Gläubiger-Identifikationsnummer", "seller.creditor_id",
        at='"10307":',
    ),
    "bad mandate": Mistake(
        '"10307": {kind: business,',
        '"10307": {direct_debit: {mandate: "Mandat Müller", iban: DE75512108001245126199}, kind: business,',
        "customers.10307.direct_debit.mandate", '"Mandat Müller"', "1 bis 35 Zeichen", "M-10307", at='"10307":',
    ),
    "mistyped Leitweg-ID": Mistake(
        '"10307": {kind: business,', '"10307": {buyer_reference: 04011000-1234512345-07, kind: public,',
        "customers.10307.buyer_reference", '"04011000-1234512345-07"', "Prüfziffer dieser Leitweg-ID", "abschreiben",
        at='"10307":',
    ),
    "consumer who owes the tax": Mistake(
        '"10307": {kind: business,',
        '"10307": {reverse_charge: {number: 1, valid_until: 2028-12-31}, kind: consumer,',
        "customers.10307.reverse_charge", "", "Verbraucher schulden nie", "kind: business", at='"10307":',
    ),
    "syntax that is none": Mistake(
        '"10307": {kind: business,', '"10307": {xrechnung: xml, kind: business,',
        "customers.10307.xrechnung", '"xml"', "ubl oder cii", "xrechnung: cii", at='"10307":',
    ),
    "missing logo of a customer": Mistake(
        '"10307": {kind: business,', '"10307": {look: {logo: fehlt.svg}, kind: business,',
        "customers.10307.look.logo", '"fehlt.svg"', "Diese Datei gibt es nicht", "clients/fehlt.svg", at='"10307":',
    ),
    "pale colour of a customer": Mistake(
        '"10307": {kind: business,', '"10307": {look: {accent: "#ffe080"}, kind: business,',
        "customers.10307.look.accent", '"#ffe080"', "Kontrast 1,3", "dunklere Farbe", at='"10307":',
    ),
    "site that is none": Mistake(
        "limits:", "work: {site: Baustelle}\nlimits:", "work.site", '"Baustelle"', "construction", "site: construction",
        at="work:",
    ),
    "word for a list of words": Mistake(
        "limits:", "work: {construction: Fassade}\nlimits:", "work.construction", '"Fassade"', "eine Liste", "Montage",
        at="work:",
    ),
    "postcode": Mistake('postcode: "80331"', "postcode: 8033", "seller.postcode", "8033", "fünf Ziffern", '"80331"'),
    "bad mail address": Mistake(
        "reply_to: buero@sommer.example", "reply_to: büro@sommer.example",
        "mail.reply_to", '"büro@sommer.example"', "Mailadresse ohne Umlaute", "buero@beispiel.de",
    ),
    "name that breaks a mail header": Mistake(
        "from_name: Sommer Elektrotechnik", 'from_name: "Sommer, <x@y.de>"',
        "mail.from_name", '"Sommer, <x@y.de>"', "Kopf jeder Mail", "weglassen",
    ),
    "bad colour": Mistake('"#0b5d4e"', "green", "look.accent", '"green"', "eine Farbe der Form", '"#0b5d4e"'),
    "pale colour": Mistake('"#0b5d4e"', '"#ffe080"', "look.accent", '"#ffe080"', "Kontrast 1,3", "dunklere Farbe"),
    "missing logo": Mistake(
        "look:", "look:\n  logo: logos/fehlt.svg", "look.logo", '"logos/fehlt.svg"', "Diese Datei gibt es nicht",
        "clients/logos/fehlt.svg", at="logo:",
    ),
    "logo of no picture kind": Mistake(
        "look:", "look:\n  logo: sommer.yaml", "look.logo", '"sommer.yaml"', "SVG- oder PNG", "SVG", at="logo:",
    ),
    "missing templates": Mistake(
        "look:", "look:\n  templates: eigene", "look.templates", '"eigene"', "Diesen Ordner gibt es nicht",
        "clients/eigene", at="templates:",
    ),
    "unknown system": Mistake(
        "payments: {system: lexware}", "payments: {system: lexwhere}", "payments.system", '"lexwhere"',
        "steht nicht unter  systems", "Gemeint ist wohl „lexware“",
    ),
    "bad system name": Mistake("  lexware:\n", "  Lex Ware:\n", "systems.Lex Ware", "", "Kleinbuchstaben", ""),
    "text for a system": Mistake(
        "systems:\n", "systems:\n  crm: hubspot\n", "systems.crm", '"hubspot"', "ein Abschnitt", "", at="crm:",
    ),
    "system without module": Mistake(
        "    module: lexoffice\n", "", "systems.lexware.module", "", "Der Eintrag fehlt", "module: lexoffice",
        at="lexware:",
    ),
    "discount later than due": Mistake(
        "early_payment: {percent: 2, days: 7}", "early_payment: {percent: 2, days: 14}",
        "invoices.early_payment.days", "14", "Skontofrist (14 Tage) muss kürzer", "kürzen",
    ),
    "discount later than a customer's due date": Mistake(
        "days_until_due: 30", "days_until_due: 7", "customers.10307.days_until_due", "7", "dieses Kunden",
        "Mindestens 8 Tage",
    ),
    "reminder on the due date": Mistake(
        "{days: 5, action: reminder}", "{days: 0, action: reminder}", "dunning.levels[0].days", "0",
        "am Fälligkeitstag selbst darf noch gezahlt werden", "days: 5",
    ),
    "reminder after a task": Mistake(
        "    - {days: 14, action: task}", "    - {days: 14, action: task}\n    - {days: 7, action: reminder}",
        "dunning.levels[2]", "", "entscheidet ein Mensch", "action: task", at="{days: 7",
    ),
    "unknown action": Mistake(
        "{days: 5, action: reminder}", "{days: 5, action: Mahnung}", "dunning.levels[0].action", '"Mahnung"',
        "einer dieser Werte: reminder, notice, task oder hand-over", "action: reminder",
    ),
    "fee on the reminder that causes default": Mistake(
        "{days: 5, action: reminder}", "{days: 5, action: notice, fee: 1.20, channel: none}", "dunning.levels[0]", "",
        "§ 286 Abs. 1", "fee: 0",
    ),
    "interest before default": Mistake(
        "{days: 5, action: reminder}", "{days: 5, action: notice, interest: true}", "dunning.levels[0]", "",
        "Vor Verzug", "interest: false",
    ),
    "lump sum for consumers": Mistake(
        "    - {days: 14, action: task}", "    - {days: 14, action: notice, lump_sum: true}", "dunning.levels[1]", "",
        "§ 288 Abs. 5 Satz 1", "unter  business  und  public", at="{days: 14",
    ),
    "fee above the cap": Mistake(
        "    - {days: 14, action: task}", "    - {days: 14, action: notice, fee: 5, channel: none}",
        "dunning.levels[1]", "", "BGH VIII ZR 95/18", "fee: 0", at="{days: 14",
    ),
    "fee for a mail": Mistake(
        "    - {days: 14, action: task}", "    - {days: 14, action: notice, fee: 1.20}",
        "dunning.levels[1]", "", "E-Mail verursacht keine Kosten", "channel: post", at="{days: 14",
    ),
    "letters without a service": Mistake(
        "days_until_due: 14", "days_until_due: 14\n  channel: post", "invoices.channel", '"post"',
        "Zum Versand per Brief fehlt der Abschnitt  post.", "module: letterxpress", at="channel: post",
    ),
    "reminding letters without a service": Mistake(
        "    - {days: 14, action: task}", "    - {days: 14, action: notice, channel: post}", "dunning.levels[1]", "",
        "Zum Versand per Brief fehlt der Abschnitt  post.", "einen anderen Versandweg", at="{days: 14",
    ),
    "registered mail": Mistake(
        "    - {days: 14, action: task}", "    - {days: 14, action: notice, registered: true}", "dunning.levels[1]", "",
        "Ein Einschreiben ist ein Brief.", "channel: post", at="{days: 14",
    ),
    "fee and lump sum": Mistake(
        "  minimum: 5.00", "  business:\n    levels:\n      - {days: 5, action: reminder}\n"
        "      - {days: 9, action: notice, fee: 2, lump_sum: true}\n  minimum: 5.00",
        "dunning.business.levels[1]", "", "§ 288 Abs. 5 Satz 3", "Entweder", at="{days: 9",
    ),
    "lump sum for consumers of a group": Mistake(
        "  minimum: 5.00", f"  groups: {{Stamm: {{levels: [{REMIND}, {LUMP_SUM}]}}}}\n  minimum: 5.00",
        "dunning.groups.Stamm.levels[1]", "", "§ 288 Abs. 5 Satz 1", "unter  business  und  public", at="  groups:",
    ),
    "fee on the first letter of a group of businesses": Mistake(
        "  minimum: 5.00",
        "  groups: {Stamm: {business: {levels: [{days: 9, action: notice, fee: 3}]}}}\n  minimum: 5.00",
        "dunning.groups.Stamm.business.levels[0]", "", "§ 286 Abs. 1, § 280 BGB", "fee: 0", at="  groups:",
    ),
    "fee above the cap for a customer who may be a consumer": Mistake(
        "{kind: business, days_until_due: 30}", "{dunning: {levels: [{days: 9, action: reminder}, " + DEAR + "]}}",
        "customers.10307.dunning.levels[1]", "", "BGH VIII ZR 95/18", "fee: 0",
    ),
    "interest before default for a customer": Mistake(
        "days_until_due: 30}", "dunning: {levels: [{days: 9, action: notice, interest: true}]}}",
        "customers.10307.dunning.levels[0]", "", "§§ 286, 288 Abs. 1 BGB", "interest: false", at='"10307"',
    ),
    "unknown group of customers": Mistake(
        "days_until_due: 30}", "dunning: {group: Stam}}", "customers.10307.dunning.group", '"Stam"',
        "nicht unter  dunning.groups", "„Stam“ löschen",
    ),
    "a group that never sends": Mistake(
        "  minimum: 5.00", "  groups: {Stamm: {sending: {until_hour: 6}}}\n  minimum: 5.00",
        "dunning.groups.Stamm.sending.until_hour", "6", "So ginge nie", "until_hour: 15",
    ),
    "letter after a task of a customer": Mistake(
        "days_until_due: 30}", "dunning: {levels: [{days: 9, action: task}, {days: 9, action: notice}]}}",
        "customers.10307.dunning.levels[1]", "", "entscheidet ein Mensch", "action: task", at='"10307"',
    ),
    "no hour to send": Mistake(
        "  minimum: 5.00", "  sending: {from_hour: 9, until_hour: 9}\n  minimum: 5.00",
        "dunning.sending.until_hour", "9", "So ginge nie", "until_hour: 17", at="sending:",
    ),
    "sending on Sunday": Mistake(
        "  minimum: 5.00", "  sending: {weekdays: [so]}\n  minimum: 5.00",
        "dunning.sending.weekdays[0]", '"so"', "ein Wochentag", "mo, di", at="sending:",
    ),
    "unknown Land": Mistake("land: BY", "land: Bayern", "dunning.land", '"Bayern"', "BB, BE, BW, BY", "land: BY"),
    "amount with a comma": Mistake(
        "minimum: 5.00", "minimum: 5,00", "dunning.minimum", '"5,00"', "mit Punkt", "minimum: 5.00",
    ),
    "bad cron": Mistake(
        'poll: "*/5 * * * *"', 'poll: "61 * * * *"', "schedule.poll", '"61 * * * *"', "Minute 0-59", '"*/5 * * * *"',
    ),
    "cron with six fields": Mistake(
        'poll: "*/5 * * * *"', 'poll: "0 */5 * * * *"', "schedule.poll", '"0 */5 * * * *"', "fünf Felder",
        "0 6 * * 1-5",
    ),
    "number for a day": Mistake(
        "since: 2026-11-01", "since: 20261101", "jobs.since", "20261101", "2026-11-01", "2026-11-01",
    ),
    "impossible day": Mistake(
        "since: 2026-11-01", "since: 2026-02-30", "jobs.since", '"2026-02-30"', "ein Datum der Form", "2026-11-01",
    ),
    "name unlike the file": Mistake("name: sommer\n", "name: meier\n", "name", '"meier"', "sommer", "meier.yaml"),
    "bad name": Mistake("name: sommer\n", "name: Sommer GmbH\n", "name", '"Sommer GmbH"', "Kleinbuchstaben", "sommer"),
    "key given plainly": Mistake(
        "{env: SOMMER_LEXWARE_KEY}", "sk-live-12345", "systems.lexware.api_key", "(verdeckt)",
        "Ein Geheimnis darf nicht in dieser Datei stehen", "{env: NAME}",
    ),
    "misspelt reference": Mistake(
        "{env: SOMMER_LEXWARE_KEY}", "{evn: SOMMER_LEXWARE_KEY}", "systems.lexware.api_key", "",
        "nicht die richtige Form", "{env: NAME}",
    ),
    "path as file name": Mistake(
        "{file: sommer_smtp}", "{file: ../sommer_smtp}", "systems.mail.password", "", "nicht erlaubt", "keinen Pfad",
    ),
    "password in a URL": Mistake(
        "https://api.lexware.io", "https://anna:geheim@api.lexware.io",
        "systems.lexware.base_url", '"https://(verdeckt)@api.lexware.io"', "nicht in einer Adresse", "ohne",
    ),
    "key stands twice": Mistake(
        "city: München", "city: München\n  city: Dachau", "Spalte 3", "", "„city“ steht schon in Zeile 7", "löschen",
        at="city: Dachau",
    ),
    "unclosed bracket": Mistake(
        "payments: {system: lexware}", "payments: {system: lexware", "Spalte 11", "",
        "In der Klammer fehlt ein Komma", "Anführungszeichen",
    ),
    "colon in a text": Mistake(
        "city: München", "city: Ort: München", "Spalte 12", "", "kein weiterer Doppelpunkt", "Anführungszeichen",
    ),
    "own type": Mistake("city: München", "city: !ort München", "Spalte 9", "", "Eigene Typen", ""),
    "alias without anchor": Mistake("city: München", "city: *ort", "Spalte 9", "", "nicht mit & benannt", ""),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_mistake_is_told(mistake: Mistake, broken: Broken, folder: Path) -> None:
    """A mistake makes exactly one problem, and it names everything that is needed to mend it."""
    problem = _only(broken(mistake.old, mistake.new), mistake)
    text = (folder / "clients/sommer.yaml").read_text("utf-8")
    expected_line = text[: text.index(mistake.at or mistake.new)].count("\n") + 1

    assert problem.file == "clients/sommer.yaml"
    assert problem.line == expected_line
    assert problem.path == mistake.path
    assert problem.value == mistake.value
    assert mistake.message in problem.message
    assert mistake.cure in problem.cure


def _only(problems: list[ConfigProblem], mistake: Mistake) -> ConfigProblem:
    assert [problem.path for problem in problems] == [mistake.path], "\n".join(map(str, problems))
    return problems[0]


def test_message_reads_as_a_block(broken: Broken) -> None:
    """A problem prints as place and value, expectation, cure."""
    assert str(broken("days_until_due: 14", "days_until_due: vierzehn")[0]) == (
        'clients/sommer.yaml:24  invoices.days_until_due = "vierzehn"\n'
        "    Erwartet wird eine ganze Zahl von Tagen (0 bis 120).\n"
        "    Abhilfe: zum Beispiel  days_until_due: 14"
    )


def test_all_mistakes_at_once(broken: Broken) -> None:
    """Several mistakes are told together, in the order of the file."""
    problems = broken('  postcode: "80331"\n  city: München\n', "  postcode:\n  cty: München\n")
    assert [problem.path for problem in problems] == ["seller.city", "seller.postcode", "seller.cty"]


@pytest.mark.parametrize("secret", ["hunter2-hunter2", "0815471112", "eyJhbGciOi.J9"])
@pytest.mark.parametrize("key", ["api_key", "apikey", "api_kye", "password", "client_secret", "refresh_token"])
def test_plain_secret_is_never_echoed(key: str, secret: str, broken: Broken) -> None:
    """No message about a connection repeats what stands at a secret's place, however its name is spelt."""
    problems = broken("api_key: {env: SOMMER_LEXWARE_KEY}", f"{key}: {secret}")
    assert secret not in "\n".join(map(str, problems))


LINES = st.lists(
    st.tuples(st.integers(0, 43), st.sampled_from(["", "  x: 1", "- y", "a: [", "b: 'c", "\t", ":", "&a *b"]))
)


@given(edits=LINES, cut=st.integers(0, 1200))
@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_problem_names_an_existing_line(edits: list[tuple[int, str]], cut: int, folder: Path) -> None:
    """However a file is damaged, it loads or each of its problems points into it and says something."""
    original = Path(folder / "clients/sommer.yaml").read_text("utf-8")
    lines = original[: cut + 200].split("\n")
    for position, text in edits:
        lines[position % len(lines)] = text
    damaged = folder / "clients" / "damaged.yaml"
    damaged.write_text("\n".join(lines), "utf-8")

    found = load_client(damaged)
    problems = [] if isinstance(found, LoadedClient) else found
    assert all(1 <= problem.line <= len(lines) and problem.message for problem in problems)
    assert isinstance(found, LoadedClient) or problems
