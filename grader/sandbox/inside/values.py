"""Plain values as they cross between judge and child: walked by exact type, never pickled.

A value becomes a *node* (what msgpack can say) and a list of array buffers:

    None, bool, int (64 bits), float, str, bytes     themselves
    complex                                          ["c", real, imag]
    list, tuple                                      ["l", [node…]], ["t", [node…]]
    dict                                             ["d", [[node, node]…]]
    long list or tuple of numbers                    ["p", "l" or "t", dtype, n], numbers in payload
    array                                            ["a", dtype, [n…]], its bytes in the payload
    object kept in the child                         ["o", number, type name]
    function outside                                 ["f", number]
    stand-in class                                   ["s", number]

Both ends refuse everything else: a subclass may lie about what it is (https://docs.python.org/3/library/pickle.html
says why nothing richer is used).
"""

from collections.abc import Callable
from typing import Any

import numpy as np

MAX_DEPTH = 16
MAX_ITEMS = 10_000
MAX_PAYLOAD = 16 << 20  # bytes of arrays in one frame
MAX_PACKED = 1 << 20  # numbers in a list: rebuilt, each costs 32 bytes and more
_MAX_NODES = 2 * MAX_ITEMS  # an honest sender sends half of it
PACK_FROM = 64  # numbers in a list from which it travels as an array
_KINDS = "buifc"
PLAIN_TYPES = frozenset(
    {type(None), bool, int, float, complex, str, bytes, list, tuple, dict, np.ndarray}
)
_DTYPES = {
    name: np.dtype(name)
    for name in (
        ["|b1"]
        + [f"<{kind}{size}" for kind in "iu" for size in (2, 4, 8)]
        + ["|i1", "|u1", "<f2", "<f4", "<f8", "<c8", "<c16"]
    )
}


class Unsayable(Exception):
    """A value that cannot cross; the message names its type or the limit it breaks."""


class TooLarge(Unsayable):
    """A value that could cross, were it smaller."""


class Encoder:
    """Turns values into nodes; `special` may name what only this end knows (objects, functions)."""

    def __init__(self, special: Callable[[Any], list[Any] | None]) -> None:
        self.buffers: list[bytes] = []
        self._special = special
        self._items = 0
        self._bytes = 0

    def node(self, value: Any, depth: int = 0) -> Any:
        """Return the node of `value`.

        Raises:
            Unsayable: its type is not plain, or it is too deep.
            TooLarge: it has too many items or bytes.
        """
        kind = type(value)
        if kind is np.ndarray:
            return self._array(value)
        if value is None or kind is bool or kind is float or kind is bytes:
            self._grow(len(value) if kind is bytes else 0)
            return value
        if kind is int:
            if not -(1 << 63) <= value < 1 << 63:
                raise Unsayable("an integer of more than 64 bits cannot be sent")
            return value
        if kind is str:
            self._grow(len(value))
            return value.encode("utf-8", "backslashreplace").decode()
        if kind is complex:
            return ["c", value.real, value.imag]
        if depth >= MAX_DEPTH:
            raise Unsayable(f"a value nested more than {MAX_DEPTH} deep cannot be sent")
        if kind is list or kind is tuple:
            return self._sequence(value, "l" if kind is list else "t", depth)
        if kind is dict:
            self._count(2 * len(value))
            return [
                "d",
                [[self.node(k, depth + 1), self.node(v, depth + 1)] for k, v in value.items()],
            ]
        if (special := self._special(value)) is not None:
            return special
        return self._plainer(value, depth)

    def _plainer(self, value: Any, depth: int) -> Any:
        """Turn NumPy's scalars and array subclasses into arrays.

        Both are numbers that students return unknowingly.
        """
        if issubclass(type(value), np.generic | np.ndarray):  # by type: __class__ may lie
            return self._array(np.array(value, subok=False))
        raise Unsayable(f"an object of type {type(value).__name__} cannot be sent")

    def _array(self, value: Any) -> list[Any]:
        if value.dtype.kind == "O":
            value = _numbers_of_objects(value)
        if value.dtype.kind not in _KINDS:
            raise Unsayable(f"an array of {value.dtype} cannot be sent")
        name = value.dtype.str
        if name not in _DTYPES:  # other byte order, or longer than 64 bits
            kind, size = value.dtype.kind, value.dtype.itemsize
            value = _cast(value, f"<{kind}{min(size, 16 if kind == 'c' else 8)}")
            name = value.dtype.str
        self._grow(value.nbytes)
        if value.nbytes:
            self.buffers.append(value.tobytes())
        return ["a", name, list(value.shape)]

    def _sequence(self, value: Any, tag: str, depth: int) -> list[Any]:
        if len(value) > MAX_PACKED:
            raise TooLarge(f"a list of more than {MAX_PACKED} items is too large to send")
        if len(value) >= PACK_FROM and (packed := _packed(value)) is not None:
            self._grow(packed.nbytes)
            self.buffers.append(packed.tobytes())
            return ["p", tag, packed.dtype.str, len(value)]
        self._count(len(value))
        return [tag, [self.node(item, depth + 1) for item in value]]

    def _count(self, items: int) -> None:
        self._items += items
        if self._items > MAX_ITEMS:
            raise TooLarge(f"a value of more than {MAX_ITEMS} items is too large to send")

    def _grow(self, size: int) -> None:
        self._bytes += size
        if self._bytes > MAX_PAYLOAD:
            raise TooLarge(f"a value of more than {MAX_PAYLOAD >> 20} MiB is too large to send")


def _packed(value: Any) -> Any | None:
    """Return a long list of numbers as one array, or None where it holds anything else."""
    kinds = set(map(type, value))
    if kinds == {int}:
        return np.array(value) if all(-(1 << 63) <= v < 1 << 63 for v in value) else None
    if kinds <= {int, float, np.float64, np.float32}:
        return np.array(value, dtype="<f8")
    return None


def _numbers_of_objects(value: Any) -> Any:
    """Return an array of Python numbers as an array of floats."""
    if all(type(item) in (int, float, bool) or isinstance(item, np.number) for item in value.flat):
        return _cast(value, "<f8")
    raise Unsayable("an array of objects cannot be sent")


def _cast(value: Any, dtype: str) -> Any:
    """Return an array of another kind; a warning would show the student a line of ours."""
    with np.errstate(all="ignore"):
        return value.astype(dtype)


class Decoder:
    """Rebuilds values from nodes that nobody has vouched for."""

    def __init__(self, payload: memoryview, special: Callable[[str, list[Any]], Any]) -> None:
        self._payload = payload
        self._special = special
        self._offset = 0
        self._items = 0

    def value(self, node: Any, depth: int = 0) -> Any:
        """Return the value of `node`; arrays are fresh, writable and in C order.

        Raises:
            Unsayable: the node is not of the form above, or breaks a limit.
        """
        kind = type(node)
        self._items += 1
        if depth > MAX_DEPTH or self._items > _MAX_NODES:
            raise Unsayable("a value that is too deep or has too many items")
        if node is None or kind in (bool, float, str, bytes):
            return node
        if kind is int:
            if not -(1 << 63) <= node < 1 << 63:
                raise Unsayable("an integer of more than 64 bits")
            return node
        if kind is not list or not node or type(node[0]) is not str:
            raise Unsayable(f"a malformed value: {kind.__name__}")
        build = _BUILDERS.get(node[0])
        return build(self, node, depth) if build else self._special(node[0], node)

    def finish(self) -> None:
        """Raise `Unsayable` unless every byte of the payload was asked for."""
        if self._offset != len(self._payload):
            raise Unsayable("bytes left over behind the arrays")

    def _array(self, node: list[Any], depth: int) -> Any:
        _tag, name, shape = _fields(node, 3)
        dtype = _DTYPES.get(name) if type(name) is str else None
        if dtype is None or type(shape) is not list or len(shape) > 32:
            raise Unsayable("a malformed array")
        size = minded = dtype.itemsize
        for n in shape:
            if type(n) is not int or not 0 <= n <= MAX_PAYLOAD:
                raise Unsayable("an array of impossible shape")
            size, minded = size * n, minded * (n or 1)
        # NumPy minds the lengths even where one of them is 0 and nothing is held.
        if minded > MAX_PAYLOAD:
            raise Unsayable("an array larger than can be")
        return np.frombuffer(self._take(size), dtype).reshape(shape)

    def _packed(self, node: list[Any], depth: int) -> Any:
        _tag, tag, name, count = _fields(node, 4)
        dtype = _DTYPES.get(name) if name in ("<i8", "<f8") else None
        if (
            dtype is None
            or type(count) is not int
            or not 0 <= count <= MAX_PACKED
            or tag not in ("l", "t")
        ):
            raise Unsayable("a malformed list")
        numbers = np.frombuffer(self._take(count * dtype.itemsize), dtype).tolist()
        return numbers if tag == "l" else tuple(numbers)

    def _take(self, size: int) -> bytearray:
        end = self._offset + size
        if end > len(self._payload):
            raise Unsayable("fewer bytes than the arrays need")
        taken = bytearray(self._payload[self._offset : end])
        self._offset = end
        return taken

    def _sequence(self, node: list[Any], depth: int) -> Any:
        tag, items = _fields(node, 2)
        if type(items) is not list:
            raise Unsayable("a malformed list")
        values = [self.value(item, depth + 1) for item in items]
        return values if tag == "l" else tuple(values)

    def _dict(self, node: list[Any], depth: int) -> dict[Any, Any]:
        _tag, pairs = _fields(node, 2)
        if type(pairs) is not list:
            raise Unsayable("a malformed dict")
        built = {}
        for pair in pairs:
            if type(pair) is not list or len(pair) != 2:
                raise Unsayable("a malformed dict")
            key = self.value(pair[0], depth + 1)
            if type(key) not in (str, int, float, bool, bytes, type(None)):
                raise Unsayable(f"a dict whose key is of type {type(key).__name__} cannot be sent")
            built[key] = self.value(pair[1], depth + 1)
        return built

    def _complex(self, node: list[Any], depth: int) -> complex:
        _tag, real, imag = _fields(node, 3)
        if type(real) is not float or type(imag) is not float:
            raise Unsayable("a malformed complex number")
        return complex(real, imag)


_BUILDERS: dict[str, Callable[[Decoder, list[Any], int], Any]] = {
    "a": Decoder._array,
    "p": Decoder._packed,
    "l": Decoder._sequence,
    "t": Decoder._sequence,
    "d": Decoder._dict,
    "c": Decoder._complex,
}


def _fields(node: list[Any], count: int) -> list[Any]:
    if len(node) != count:
        raise Unsayable(f"a malformed value: {node[0]!r} of {len(node)} parts")
    return node
