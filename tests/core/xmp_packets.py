"""XMP packets as programs write them, and what an XML parser other than ours finds in them."""

from __future__ import annotations

from xml.etree import ElementTree

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
EXTENSION = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
TERMS = "http://cv.iptc.org/newscodes/digitalsourcetype/"
EDITED = TERMS + "compositeWithTrainedAlgorithmicMedia"
TAG = f"{{{EXTENSION}}}DigitalSourceType"


def packet(inside: str, padding: str = "") -> bytes:
    """A packet with this inside its `rdf:RDF`."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">{inside}</rdf:RDF></x:xmpmeta>'
        f'{padding}<?xpacket end="w"?>'
    ).encode()


def attribute(term: str = "digitalCapture") -> bytes:
    """As Adobe's and GIMP's programs write it, among attributes, with a caption that looks alike."""
    return packet(
        '<rdf:Description rdf:about="" xmlns:ext="' + EXTENSION + '" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        "  xmp:Rating='4'\n   xmp:Label=' ext:DigitalSourceType=\"no > value\"'"
        f' ext:DigitalSourceType = "{TERMS}{term}" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<dc:creator><rdf:Seq><rdf:li>Zoë &amp; Söhne</rdf:li></rdf:Seq></dc:creator></rdf:Description>"
    )


def element(term: str = "digitalCapture") -> bytes:
    """As ExifTool writes it, an element in a description of its own."""
    return packet(
        '<rdf:Description rdf:about="uuid:&lt;7&gt;" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>Ü</rdf:li></rdf:Alt></dc:title></rdf:Description>"
        "<!-- <Iptc4xmpExt:DigitalSourceType/> -->"
        f'<rdf:Description rdf:about="uuid:&lt;7&gt;" xmlns:Iptc4xmpExt="{EXTENSION}">\n'
        f" <Iptc4xmpExt:DigitalSourceType>{TERMS}{term}</Iptc4xmpExt:DigitalSourceType>\n"
        " <Iptc4xmpExt:Event>Wedding</Iptc4xmpExt:Event></rdf:Description>"
    )


def resource(term: str = "digitalCapture") -> bytes:
    """As RDF writes a URI: an empty tag, directly before the end of the one around it."""
    return packet(
        f'<rdf:Description xmlns:e="{EXTENSION}" rdf:about=""><e:Event>Fair</e:Event>'
        f'<e:DigitalSourceType rdf:resource="{TERMS}{term}"/></rdf:Description>'
    )


def ingredient(term: str = "trainedAlgorithmicMedia") -> bytes:
    """What is said of a part of the picture is not said of the picture."""
    return packet(
        '<rdf:Description rdf:about="" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmlns:e="'
        + EXTENSION
        + '">'
        f"<xmpMM:Ingredients><rdf:Bag><rdf:li><rdf:Description e:DigitalSourceType='{TERMS}{term}'>"
        f"<e:DigitalSourceType>{TERMS}{term}</e:DigitalSourceType>"
        "</rdf:Description></rdf:li></rdf:Bag></xmpMM:Ingredients></rdf:Description>"
    )


def said_in(xmp: bytes) -> list[str]:
    """Every Digital Source Type of the picture itself."""
    found = []
    for description in ElementTree.fromstring(xmp.strip(b"\0")).iter(f"{{{RDF}}}RDF"):
        for one in description:
            found += [one.attrib[TAG]] if TAG in one.attrib else []
            found += [
                child.get(f"{{{RDF}}}resource") or (child.text or "").strip() for child in one.findall(TAG)
            ]
    return found


def rest(xmp: bytes) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """All that a packet says but that: tags, texts and attributes, in order, without empty descriptions."""
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True, insert_pis=True))
    top = ElementTree.fromstring(xmp.strip(b"\0"), parser)
    for description in top.iter(f"{{{RDF}}}RDF"):
        for one in list(description):
            one.attrib.pop(TAG, None)
            had = [child for child in one if child.tag == TAG]
            for child in had:
                one.remove(child)
            if had and not len(one) and set(one.attrib) <= {f"{{{RDF}}}about"}:
                description.remove(one)
    return [
        (str(node.tag), (node.text or "").strip(), tuple(sorted(node.attrib.items()))) for node in top.iter()
    ]
