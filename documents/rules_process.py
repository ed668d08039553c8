"""A process of its own that runs official schematron rules: Saxon is native code, and its crash must stay its own.

Started as a script with `name=path` for each rule file; knows nothing of ours. Reads one JSON object per line from
standard input, `{"rules": name, "xml": text}`, and answers each with one line: a list of
`{"rule": id, "flag": "fatal"|"warning"|…, "text": words}`, or `{"error": words}`. Ends when its input ends.
"""

import json
import sys
from functools import lru_cache
from typing import Any

from lxml import etree
from saxonche import PySaxonApiError, PySaxonProcessor

FIRED = "{http://purl.oclc.org/dsdl/svrl}fired-rule"
FAILED = "{http://purl.oclc.org/dsdl/svrl}failed-assert"
TEXT = "{http://purl.oclc.org/dsdl/svrl}text"
Finding = dict[str, str]


class NothingChecked(ValueError):
    """No rule took an interest in the document: that is no proof of anything."""


def findings(report: str) -> list[Finding]:
    """The rules that a report in SVRL names as broken; a rule without a flag is fatal."""
    root = etree.fromstring(report.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    if next(root.iter(FIRED), None) is None:
        raise NothingChecked("keine Regel passt auf dieses Dokument")
    return [_finding(item) for item in root.iter(FAILED)]


def _finding(item: etree._Element) -> Finding:
    text = item.find(TEXT)
    words = "" if text is None else " ".join("".join(str(part) for part in text.itertext()).split())
    return {"rule": item.get("id", ""), "flag": item.get("flag", item.get("role", "fatal")), "text": words}


def serve(files: dict[str, str]) -> None:
    """Answer requests until the input ends."""
    processor = PySaxonProcessor(license=False)

    @lru_cache
    def compiled(name: str) -> Any:
        return processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=files[name])

    for line in sys.stdin:
        request = json.loads(line)
        try:
            document = processor.parse_xml(xml_text=request["xml"])
            report = compiled(request["rules"]).transform_to_string(xdm_node=document)
            answer: list[Finding] | Finding = findings(report)
        except (PySaxonApiError, etree.XMLSyntaxError, NothingChecked) as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve(dict(argument.split("=", 1) for argument in sys.argv[1:]))
