"""The XMP packet of a Factur-X file: one `rdf:RDF` with what PDF/A, the document and Factur-X want to say."""

XML_NAME = "factur-x.xml"  # prescribed for every profile but XRECHNUNG
_FACTUR_X = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_PROPERTIES = {
    "DocumentFileName": "name of the embedded XML invoice file",
    "DocumentType": "INVOICE",
    "Version": "The actual version of the Factur-X XML schema",
    "ConformanceLevel": "The conformance level of the embedded Factur-X data",
}
_PACKET = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">{rdf}</x:xmpmeta>
<?xpacket end="r"?>"""
_PROPERTY = """<rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>{name}</pdfaProperty:name><pdfaProperty:valueType>Text</pdfaProperty:valueType>\
<pdfaProperty:category>external</pdfaProperty:category>\
<pdfaProperty:description>{description}</pdfaProperty:description></rdf:li>"""
_DESCRIPTIONS = """<rdf:Description rdf:about="" xmlns:fx="{namespace}">\
<fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>{file_name}</fx:DocumentFileName>\
<fx:Version>1.0</fx:Version><fx:ConformanceLevel>EN 16931</fx:ConformanceLevel></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">\
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>{namespace}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>\
<pdfaSchema:property><rdf:Seq>{properties}</rdf:Seq></pdfaSchema:property>\
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""


def packet(rdf: bytes) -> bytes:
    """A complete packet: the engine's own `rdf:RDF`, which agrees with /Info, completed by the Factur-X properties."""
    described = "".join(_PROPERTY.format(name=name, description=text) for name, text in _PROPERTIES.items())
    ours = _DESCRIPTIONS.format(namespace=_FACTUR_X, file_name=XML_NAME, properties=described)
    start, end, rest = rdf.decode().rpartition("</rdf:RDF>")
    if not end or rest.strip():
        raise ValueError("the layout engine's metadata do not end with rdf:RDF")
    return _PACKET.format(rdf=start + ours + end).encode()
