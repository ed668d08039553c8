"""The writing of FinTS messages: segments end with ', elements with +, groups with :, and ? takes away a meaning.

Source: FinTS 3.0 Formals, B.4 and H.1; binary data stands as @length@ before its bytes.
"""

from collections.abc import Iterator, Sequence

Group = list[str | bytes]
Segment = list[Group]
_ENDS = b"':+"


def read(data: bytes) -> list[Segment]:
    """All segments of a message, each a list of elements, each a list of its parts."""
    return list(_segments(data))


def _segments(data: bytes) -> Iterator[Segment]:
    position, segment, group = 0, [], []
    while position < len(data):
        part, position = _part(data, position)
        group.append(part)
        end, position = data[position : position + 1], position + 1
        if end != b":":
            segment.append(group)
            group = []
        if end == b"'":
            yield segment
            segment = []


def _part(data: bytes, position: int) -> tuple[str | bytes, int]:
    if data[position : position + 1] == b"@":
        end = data.index(b"@", position + 1)
        start, length = end + 1, int(data[position + 1 : end])
        return data[start : start + length], start + length
    found = bytearray()
    while data[position] not in _ENDS:
        position += data[position] == ord("?")
        found.append(data[position])
        position += 1
    return found.decode("iso-8859-1"), position


def write(elements: Sequence[str | bytes | Sequence[str | bytes]]) -> bytes:
    """One segment: elements are texts, bytes, or groups of them. Empty parts at the end are left out."""
    groups = [[each] if isinstance(each, str | bytes) else list(each) for each in elements]
    return b"+".join(b":".join(_written(part) for part in group) for group in groups) + b"'"


def _written(part: str | bytes) -> bytes:
    if isinstance(part, bytes):
        return b"@%d@%s" % (len(part), part)
    return "".join(f"?{letter}" if letter in "?+:'@" else letter for letter in part).encode("iso-8859-1")
