"""The mark "edited with AI" in XMP packets: golden packets, and what holds for every packet."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from softlight.files import source_type
from softlight.files.source_type import AI_TERMS, marked, says_ai
from softlight.layers import SourceType
from softlight_bridge import source_types
from tests.core.xmp_packets import (
    EDITED,
    EXTENSION,
    RDF,
    TERMS,
    attribute,
    element,
    ingredient,
    packet,
    resource,
    rest,
    said_in,
)

MARK = SourceType.EDITED_WITH_AI
ADDED = (
    f'<rdf:Description xmlns:rdf="{RDF}" rdf:about="">'
    f'<Iptc4xmpExt:DigitalSourceType xmlns:Iptc4xmpExt="{EXTENSION}">{EDITED}</Iptc4xmpExt:DigitalSourceType>'
    "</rdf:Description>"
)
OTHERS = [
    "digitalCapture", "computationalCapture", "negativeFilm", "positiveFilm", "print", "humanEdits",
    "algorithmicallyEnhanced", "digitalCreation", "dataDrivenMedia", "algorithmicMedia", "screenCapture",
    "virtualRecording", "composite", "compositeCapture", "minorHumanEdits", "softwareImage", "digitalArt",
]  # fmt: skip
"""All other terms of the vocabulary, the last three of which are retired."""
KINDS = pytest.mark.parametrize("kind", [attribute, element, resource])


def mark(xmp: bytes | None) -> bytes:
    found = marked(xmp, MARK)
    assert found is not None
    return found


def test_the_term() -> None:
    assert MARK.value == "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


@pytest.mark.parametrize("nothing", [None, b"", b" \n\0"])
def test_no_packet_becomes_a_minimal_one(nothing: bytes | None) -> None:
    assert mark(nothing).decode() == (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">{ADDED}</rdf:RDF></x:xmpmeta>\n'
        '<?xpacket end="w"?>'
    )


GOLDEN = [
    pytest.param(attribute(), attribute("compositeWithTrainedAlgorithmicMedia"), id="an attribute"),
    pytest.param(
        element(),
        element("X").replace(
            f"<Iptc4xmpExt:DigitalSourceType>{TERMS}X<".encode(),
            f'<Iptc4xmpExt:DigitalSourceType xmlns:Iptc4xmpExt="{EXTENSION}">{EDITED}<'.encode(),
        ),
        id="an element",
    ),
    pytest.param(
        resource(),
        resource("X").replace(
            f'<e:DigitalSourceType rdf:resource="{TERMS}X"/>'.encode(),
            f'<Iptc4xmpExt:DigitalSourceType xmlns:Iptc4xmpExt="{EXTENSION}">{EDITED}'
            "</Iptc4xmpExt:DigitalSourceType>".encode(),
        ),
        id="a resource",
    ),
    pytest.param(
        ingredient(), ingredient().replace(b"</rdf:RDF>", ADDED.encode() + b"</rdf:RDF>"), id="an ingredient"
    ),
    pytest.param(packet(""), packet(ADDED), id="an empty packet"),
    pytest.param(
        packet('<rdf:Description rdf:about="uuid:&lt;7&gt;"/>'),
        packet(
            '<rdf:Description rdf:about="uuid:&lt;7&gt;"/>'
            + ADDED.replace('rdf:about=""', 'rdf:about="uuid:&lt;7&gt;"')
        ),
        id="a subject",
    ),
    pytest.param(
        f'<r:RDF xmlns:r="{RDF}" />'.encode(),
        f'<r:RDF xmlns:r="{RDF}" >{ADDED}</r:RDF>'.encode(),
        id="an empty tag",
    ),
    pytest.param(b"\n" + packet("") + b"\0\0", b"\n" + packet(ADDED) + b"\0\0", id="zero bytes behind"),
]


@pytest.mark.parametrize(("before", "after"), GOLDEN)
def test_golden_packets(before: bytes, after: bytes) -> None:
    assert mark(before).decode() == after.decode()
    assert said_in(after.strip()) == [EDITED]


@KINDS
@pytest.mark.parametrize("term", OTHERS)
def test_what_says_nothing_of_ai_is_replaced(kind: Callable[[str], bytes], term: str) -> None:
    assert said_in(kind(term)) == [TERMS + term]
    assert said_in(mark(kind(term))) == [EDITED]
    assert rest(mark(kind(term))) == rest(kind(term))


@KINDS
@pytest.mark.parametrize("term", AI_TERMS)
def test_what_says_ai_already_stays(kind: Callable[[str], bytes], term: str) -> None:
    assert mark(kind(term)) == kind(term)


@pytest.mark.parametrize(
    "value",
    [
        TERMS + "trainedAlgorithmicMedia",
        "https://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic/",
        "digsrctype:trainedAlgorithmicMedia",
        " trainedalgorithmicmedia ",
    ],
)
def test_other_spellings_of_a_term(value: str) -> None:
    assert says_ai(value) and source_types.says_ai(value)


@pytest.mark.parametrize(
    "value", ["", "/", "x", TERMS, TERMS + "algorithmicMedia", "AI", "trainedAlgorithmic"]
)
def test_what_is_no_such_term(value: str) -> None:
    assert not says_ai(value) and not source_types.says_ai(value)


def test_of_two_values_the_one_that_says_ai_counts() -> None:
    inside = "".join(
        f'<rdf:Description rdf:about="" xmlns:e="{EXTENSION}" e:DigitalSourceType="{TERMS}{term}"/>'
        for term in ("digitalCapture", "trainedAlgorithmicMedia", "print")
    )
    assert said_in(mark(packet(inside))) == [TERMS + "trainedAlgorithmicMedia"] * 3


def test_padding_gives_room() -> None:
    padded = packet("<!-- -->", padding="\n" + " " * 2000 + "\n")
    assert len(mark(padded)) == len(padded) and said_in(mark(padded)) == [EDITED]
    little = packet("", padding="\n" * 20)
    assert mark(little) == packet(ADDED, padding="\n")


ENTITIES = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 12))
BROKEN = [
    pytest.param(b"no XML", id="text"),
    pytest.param(packet("")[:-60], id="cut off"),
    pytest.param(packet("").replace(b"</rdf:RDF>", b""), id="a tag without an end"),
    pytest.param(packet("&unknown;"), id="an unknown entity"),
    pytest.param(packet("Zo\xeb").replace("ë".encode(), b"\xeb"), id="Latin-1"),
    pytest.param(packet("").decode().encode("utf-16"), id="UTF-16"),
    pytest.param(b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>', id="no RDF"),
    pytest.param(b"<rdf:RDF/>", id="a prefix without a namespace"),
    pytest.param(b"<!DOCTYPE x>" + packet("").split(b"?>", 1)[1], id="a document type"),
    pytest.param(
        b'<!DOCTYPE x [<!ENTITY e0 "lol">' + ENTITIES + b"]>"
        b'<rdf:RDF xmlns:rdf="' + RDF.encode() + b'">&e11;</rdf:RDF>',
        id="a billion laughs",
    ),
    pytest.param(
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + packet("").split(b"?>", 1)[1], id="an external one"
    ),
]


@pytest.mark.parametrize("broken", BROKEN)
def test_what_cannot_be_read_is_not_changed(broken: bytes) -> None:
    started = time.monotonic()
    assert marked(broken, MARK) is None
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("many", [b" " * 4_000_000, b"<a/>" * 100_000, b"<a>" * 50_000 + b"</a>" * 50_000])
def test_a_large_packet_takes_no_time(many: bytes) -> None:
    large = packet("").replace(b"</rdf:RDF>", many + b"</rdf:RDF>")
    started = time.monotonic()
    mark(large)
    assert time.monotonic() - started < 5


names = st.sampled_from(["Event", "Rating", "DigitalSourceType", "Note"])
spaces = st.sampled_from([EXTENSION, "http://ns.adobe.com/xap/1.0/", "urn:x"])
plain = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
terms = st.sampled_from([*AI_TERMS, *OTHERS]).map(lambda term: TERMS + term)
properties = st.lists(st.tuples(spaces, names, terms | plain, st.booleans(), st.booleans()), max_size=6)


def written(found: list[tuple[str, str, str, bool, bool]]) -> str:
    """Descriptions with these properties: as attributes, as elements, or inside a structure."""
    made = []
    for space, name, value, as_attribute, nested in found:
        text = source_type.quoteattr(value)
        if as_attribute:
            one = f'<rdf:Description rdf:about="" xmlns:p="{space}" p:{name}={text}/>'
        else:
            text = text[1:-1].replace("'", "&apos;")
            one = f'<rdf:Description xmlns:p="{space}"><p:{name}>{text}</p:{name}></rdf:Description>'
        if nested:
            one = f'<rdf:Description rdf:about="" xmlns:q="urn:q"><q:part>{one}</q:part></rdf:Description>'
        made.append(one)
    return "\n".join(made)


@given(properties, st.integers(0, 600))
@settings(max_examples=150, deadline=None)
def test_marking_is_idempotent_and_keeps_all_else(
    found: list[tuple[str, str, str, bool, bool]], padding: int
) -> None:
    before = packet(written(found), " " * padding)
    after = mark(before)
    assert mark(after) == after
    assert rest(after) == rest(before)
    assert said_in(after) and all(says_ai(value) for value in said_in(after))
    kept = [value for value in said_in(before) if says_ai(value)]
    assert set(kept) <= set(said_in(after)), "a stronger statement was weakened"
    assert after.endswith(b'<?xpacket end="w"?>')


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
@settings(max_examples=200, deadline=None)
def test_any_bytes_at_all(junk: bytes) -> None:
    assume(junk.strip(b" \t\r\n\0"))
    found = marked(junk, MARK)
    assert found is None or said_in(found) == [EDITED]


@given(st.integers(0, 400), st.integers(1, 40), st.binary(max_size=8))
@settings(max_examples=150, deadline=None)
def test_a_packet_with_a_hole(at: int, length: int, other: bytes) -> None:
    whole = element()
    damaged = whole[:at] + other + whole[at + length :]
    found = marked(damaged, MARK)
    assert found is None or all(says_ai(value) for value in said_in(found))


def test_the_bridge_knows_the_same_terms() -> None:
    assert source_types.AI_TERMS == AI_TERMS
    assert source_types.is_term(MARK.value) and MARK.value.startswith(source_types.VOCABULARY)
    for wrong in ("", "print", TERMS, TERMS + "a/b", TERMS + "a<b"):
        assert not source_types.is_term(wrong)
