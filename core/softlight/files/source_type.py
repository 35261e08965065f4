"""The mark "edited with AI" in an XMP packet: IPTC's property Digital Source Type.

It is `Iptc4xmpExt:DigitalSourceType` of the IPTC Photo Metadata Standard, a single URI, directly in an
`rdf:Description` of the packet, as an element or as an attribute. Only the bytes of this property change:
other properties, prefixes, comments and the packet's wrapper stay as they were, to the byte.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from softlight.layers import LayerStack, SourceType
from softlight.picture import Picture

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
IPTC_EXTENSION = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
PROPERTY = "DigitalSourceType"

AI_TERMS = ("trainedAlgorithmicMedia", "compositeSynthetic", "compositeWithTrainedAlgorithmicMedia")
"""The terms by which a picture says already that generative AI has a part in it."""

UNREADABLE = (
    "The photo's XMP metadata cannot be read, so they were kept as they are, without the mark "
    "'edited with AI'; say it where you publish the picture."
)
NO_ROOM = (
    "The photo's XMP metadata leave no room for the mark 'edited with AI' in a JPEG file; "
    "write .png or .tif to have it."
)

_EMPTY = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    f'<rdf:RDF xmlns:rdf="{RDF}"></rdf:RDF>'
    "</x:xmpmeta>\n"
    '<?xpacket end="w"?>'
).encode()
_BLANKS = b" \t\r\n"
_AROUND = _BLANKS + b"\0"
"""What lies around packets in files, and what no parser of XML takes."""
_START_TAG = re.compile(rb"""<([^\s/>]+)(?:[^>"']|"[^"]*"|'[^']*')*>""")
_ATTRIBUTE = re.compile(rb"""\s([^\s=]+)\s*=\s*("[^"]*"|'[^']*')""")


def mark(picture: Picture, stack: LayerStack, longest: int | None = None) -> tuple[Picture, tuple[str, ...]]:
    """The picture with what its metadata must say once the stack's layers are in it.

    Parameters
    ----------
    picture : Picture
    stack : LayerStack
    longest : int, optional
        Bytes of a packet that the format can hold.

    Returns
    -------
    tuple
        The picture, and a sentence when its metadata could not be changed and are as before. Nothing here
        stops a picture from being written.
    """
    if stack.source_type is None:
        return picture, ()
    packet = marked(picture.metadata.xmp, stack.source_type)
    if packet is None:
        return picture, (UNREADABLE,)
    if longest is not None and len(packet) > longest:
        return picture, (NO_ROOM,)
    return replace(picture, metadata=replace(picture.metadata, xmp=packet)), ()


class _Value(NamedTuple):
    """A Digital Source Type that is there: what it says, its bytes, and whether they are an element."""

    text: str
    start: int
    end: int
    element: bool


def says_ai(value: str) -> bool:
    """Whether a Digital Source Type says that generative AI has a part in the picture.

    Parameters
    ----------
    value : str
        The term's URI, or as some programs write it, its bare name or ``digsrctype:NAME``.
    """
    name = re.split("[/:]", value.strip().rstrip("/"))[-1].lower()
    return name in (term.lower() for term in AI_TERMS)


def marked(packet: bytes | None, source_type: SourceType) -> bytes | None:
    """An XMP packet with this Digital Source Type.

    One that says already that AI has a part in the picture stays as it is, since it may say more (that AI
    made all of it); what says anything else, such as `digitalCapture`, is replaced.

    Parameters
    ----------
    packet : bytes or None
        In UTF-8, as PNG, JPEG, TIFF and WebP hold it; None or blank becomes a minimal packet.
    source_type : SourceType

    Returns
    -------
    bytes or None
        No longer than before where the packet has enough padding. None for a packet that is not XML, not in
        UTF-8, has no `rdf:RDF`, or has a document type: XMP has none, and its entities could be made to
        unfold without end.
    """
    packet = packet if packet is not None and packet.strip(_AROUND) else _EMPTY
    body = packet.strip(_AROUND)
    at = packet.index(body)
    found = _Reader.read(body)
    if found is None:
        return None
    said = next((value.text.strip() for value in found.values if says_ai(value.text)), source_type.value)
    wrong = [value for value in found.values if not says_ai(value.text)]
    if found.values and not wrong:
        return packet
    edits = [(value.start, value.end, _as_bytes(value, said)) for value in wrong] or [found.insertion(said)]
    changed = body
    for start, end, text in sorted(edits, reverse=True):
        changed = changed[:start] + text + changed[end:]
    changed = _without_padding(changed, len(changed) - len(body))
    again = _Reader.read(changed)
    if again is None or not again.values or not all(_says(value, said) for value in again.values):
        return None
    return packet[:at] + changed + packet[at + len(body) :]


def _says(value: _Value, said: str) -> bool:
    return value.text.strip() == said or says_ai(value.text)


def _as_bytes(value: _Value, said: str) -> bytes:
    return _property(said).encode() if value.element else quoteattr(said).encode()


def _property(said: str) -> str:
    text = said.replace("&", "&amp;").replace("<", "&lt;")
    return f'<Iptc4xmpExt:{PROPERTY} xmlns:Iptc4xmpExt="{IPTC_EXTENSION}">{text}</Iptc4xmpExt:{PROPERTY}>'


def _without_padding(packet: bytes, grown: int) -> bytes:
    """Take what a packet has grown by from the blanks that XMP puts before a packet's end."""
    end = packet.rfind(b"<?xpacket")
    blanks = end - len(packet[:end].rstrip(_BLANKS)) if end > 0 else 0
    taken = min(max(grown, 0), max(blanks - 1, 0))
    return packet[: end - taken] + packet[end:] if taken else packet


class _Reader:
    """Where in a packet Digital Source Types are, and where one can be put.

    expat tells where in the bytes each tag begins. It knows no entities but those that a document type
    declares, and stops here when there is one.
    """

    def __init__(self, packet: bytes) -> None:
        self.values: list[_Value] = []
        self._packet = packet
        self._about: str | None = None
        self._rdf: tuple[int, int] | None = None
        """Bytes of the second tag of `rdf:RDF`, or of its only one."""
        self._path: list[tuple[str, str]] = []
        self._tags: list[re.Match[bytes]] = []
        self._text: list[str] = []
        self._parser = parser = expat.ParserCreate("UTF-8", " ")
        parser.namespace_prefixes = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.StartDoctypeDeclHandler = _refuse

    @classmethod
    def read(cls, packet: bytes) -> _Reader | None:
        """Read a packet; None when it is none that could be marked."""
        reader = cls(packet)
        try:
            reader._parser.Parse(packet, True)
        except (expat.ExpatError, _Refused):
            return None
        return reader if reader._rdf is not None else None

    def insertion(self, said: str) -> tuple[int, int, bytes]:
        """Which bytes give way to the property in a packet that has none, and what is written there."""
        assert self._rdf is not None
        start, end = self._rdf
        # XMP wants all descriptions to be about the same, which is mostly nothing.
        about = quoteattr(self._about or "")
        text = f'<rdf:Description xmlns:rdf="{RDF}" rdf:about={about}>{_property(said)}</rdf:Description>'
        tag = self._packet[start:end]
        if tag.startswith(b"</"):
            return start, start, text.encode()
        name = tag[1:].split(maxsplit=1)[0].rstrip(b"/>")
        return end - 2, end, b">" + text.encode() + b"</" + name + b">"

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = _START_TAG.match(self._packet, self._parser.CurrentByteIndex)
        if tag is None:  # expat has read one here
            raise _Refused
        self._path.append(_split(name))
        self._tags.append(tag)
        if self._path[-2:] == _DESCRIPTION:
            self._describe(tag, attributes)
        elif self._path[-3:] == _ELEMENT:
            resource = (value for key, value in attributes.items() if _split(key) == (RDF, "resource"))
            self._text[:] = [next(resource, "")]

    def _describe(self, tag: re.Match[bytes], attributes: dict[str, str]) -> None:
        for name, value in attributes.items():
            space, local = _split(name)
            if local == "about" and space in (RDF, "") and self._about is None:
                self._about = value
            if (space, local) == (IPTC_EXTENSION, PROPERTY):
                written = f"{name.split(' ')[2]}:{PROPERTY}".encode()
                for found in _ATTRIBUTE.finditer(self._packet, *tag.span()):
                    if found.group(1) == written:
                        self.values.append(_Value(value, *found.span(2), element=False))

    def _end(self, name: str) -> None:
        start, end = span = self._tags[-1].span()
        if self._packet[end - 2 : end] != b"/>":
            # Only here expat tells where the second tag begins; of an empty tag it tells where that ends.
            at = self._parser.CurrentByteIndex
            end = self._packet.index(b">", at) + 1
            span = (at, end)
        if self._path[-3:] == _ELEMENT:
            self.values.append(_Value("".join(self._text), start, end, element=True))
        elif self._path[-1] == _RDF and self._rdf is None:
            self._rdf = span
        self._path.pop()
        self._tags.pop()


_RDF = (RDF, "RDF")
_DESCRIPTION = [_RDF, (RDF, "Description")]
_ELEMENT = [*_DESCRIPTION, (IPTC_EXTENSION, PROPERTY)]


class _Refused(Exception):
    """The packet has a document type."""


def _refuse(*_: object) -> None:
    raise _Refused


def _split(name: str) -> tuple[str, str]:
    """Namespace and local name of what expat calls "namespace name prefix" or "name"."""
    parts = name.split(" ")
    return (parts[0], parts[1]) if len(parts) > 1 else ("", parts[0])
