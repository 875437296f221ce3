"""Plain values across the wire, and what is refused on either end."""

import math
from collections import OrderedDict
from collections.abc import Callable
from enum import IntEnum
from typing import Any, NoReturn

import hypothesis.extra.numpy as npst
import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.sandbox.inside.values import (
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_PAYLOAD,
    PACK_FROM,
    Decoder,
    Encoder,
    TooLarge,
    Unsayable,
)

INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
KEYS = st.one_of(st.none(), st.booleans(), INT64, st.floats(allow_nan=False), TEXT)
DTYPES = st.one_of(
    npst.boolean_dtypes(),
    npst.integer_dtypes(endianness="="),
    npst.unsigned_integer_dtypes(endianness="="),
    npst.floating_dtypes(endianness="=", sizes=(16, 32, 64)),
    npst.complex_number_dtypes(endianness="=", sizes=(64, 128)),
)
ARRAYS = npst.arrays(DTYPES, npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    INT64,
    st.floats(),
    st.complex_numbers(),
    TEXT,
    st.binary(max_size=20),
    ARRAYS,
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.lists(inner, max_size=5).map(tuple),
        st.dictionaries(KEYS, inner, max_size=5),
    ),
    max_leaves=20,
)
LONG_NUMBERS = st.one_of(
    st.lists(INT64, min_size=PACK_FROM, max_size=PACK_FROM + 9),
    st.lists(st.floats(), min_size=PACK_FROM, max_size=PACK_FROM + 9).map(tuple),
)


class Half(float):
    """A float that could answer comparisons as it likes."""


class Count(int):
    """An integer of the same sort."""


class Name(str):
    """Text of the same sort."""

    __slots__ = ()


class Pile(list[int]):
    """A list of the same sort."""


class Raw(bytes):
    """Bytes of the same sort."""


class Colour(IntEnum):
    """An integer by name."""

    RED = 1


class Impostor:
    """An object that says it is a float."""

    __class__ = float  # type: ignore[assignment]


class Forever(np.ndarray[Any, Any]):
    """An array that says it is equal to all."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None


def encoded(value: object) -> tuple[object, list[bytes]]:
    encoder = Encoder(lambda item: None)
    return encoder.node(value), encoder.buffers


def decoded(node: object, payload: bytes = b"") -> object:
    decoder = Decoder(memoryview(payload), refuse)
    value = decoder.value(node)
    decoder.finish()
    return value


def refuse(tag: str, node: object) -> NoReturn:
    raise Unsayable(f"no {tag} here")


def sent(value: object) -> object:
    node, buffers = encoded(value)
    return decoded(msgspec.msgpack.decode(msgspec.msgpack.encode(node)), b"".join(buffers))


def same(one: object, other: object) -> bool:
    """Whether two values are alike in type and in every element, NaN being alike to NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and repr(one) == repr(other)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return same(list(one.items()), list(other.items()))
    return repr(one) == repr(other)


@given(VALUES)
def test_plain_value_comes_back_alike(value: object) -> None:
    assert same(sent(value), value)


@given(LONG_NUMBERS)
def test_long_list_of_numbers_comes_back_alike(value: object) -> None:
    assert same(sent(value), value)


def test_list_of_large_and_small_numbers_keeps_each_exactly() -> None:
    value = [(1 << 63) - 1, *range(PACK_FROM)]

    assert same(sent(value), value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(Half(0.5), id="float"),
        pytest.param(Count(1), id="int"),
        pytest.param(Name("x"), id="str"),
        pytest.param(Raw(b"x"), id="bytes"),
        pytest.param(Pile([1]), id="list"),
        pytest.param(OrderedDict(a=1), id="dict"),
        pytest.param(Colour.RED, id="enum"),
    ],
)
@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda value: value, id="bare"),
        pytest.param(lambda value: [1, value], id="in a list"),
        pytest.param(lambda value: [value] * PACK_FROM, id="in a long list"),
        pytest.param(lambda value: (value,), id="in a tuple"),
        pytest.param(lambda value: {"a": value}, id="in a dict"),
    ],
)
def test_subclass_of_a_plain_type_is_refused(value: object, wrap: Callable[[Any], Any]) -> None:
    with pytest.raises(Unsayable):
        encoded(wrap(value))


def test_subclass_as_a_key_is_refused() -> None:
    with pytest.raises(Unsayable):
        encoded({Name("x"): 1})


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(Impostor(), id="object that lies about its class"),
        pytest.param(object(), id="object"),
        pytest.param({1, 2}, id="set"),
        pytest.param(float, id="class"),
        pytest.param(print, id="function"),
        pytest.param(iter([1]), id="iterator"),
        pytest.param(1 << 63, id="integer of more than 64 bits"),
        pytest.param(np.array([object()]), id="array of objects"),
        pytest.param(np.array(["x"]), id="array of text"),
        pytest.param(np.array(["2026-01-01"], "datetime64[D]"), id="array of dates"),
        pytest.param(np.zeros(2, [("a", "f8")]), id="structured array"),
    ],
)
def test_what_is_not_plain_is_refused(value: object) -> None:
    with pytest.raises(Unsayable):
        encoded(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(np.float64(0.5), np.array(0.5), id="scalar"),
        pytest.param(np.float32(0.5), np.array(0.5, "f4"), id="short scalar"),
        pytest.param(np.bool_(True), np.array(True), id="truth"),
        pytest.param([np.float64(0.5), 1], [np.array(0.5), 1], id="scalar in a list"),
        pytest.param({"a": (np.int64(3),)}, {"a": (np.array(3),)}, id="scalar in a dict"),
        pytest.param(np.array([[1, 2]]).view(np.matrix), np.array([[1, 2]]), id="matrix"),
        pytest.param([np.array([[1]]).view(np.matrix)], [np.array([[1]])], id="matrix in a list"),
        pytest.param(np.ones(2).view(np.ma.MaskedArray), np.ones(2), id="masked array"),
        pytest.param(np.ones(2).view(Forever), np.ones(2), id="array subclass"),
        pytest.param(np.arange(3, dtype=">i4"), np.arange(3, dtype="<i4"), id="big endian"),
        pytest.param(np.ones(2, np.longdouble), np.ones(2), id="long double"),
        pytest.param(np.array([1, 2.5], object), np.array([1, 2.5]), id="array of Python numbers"),
        pytest.param(np.ones((3, 2), order="F"), np.ones((3, 2)), id="column by column"),
        pytest.param(np.arange(6)[::-2], np.array([5, 3, 1]), id="strided"),
    ],
)
def test_numbers_of_numpy_become_plain_arrays(value: object, expected: object) -> None:
    assert same(sent(value), expected)


def test_decoded_array_is_fresh_writable_and_row_by_row() -> None:
    original = np.ones((3, 2), order="F")

    copy = sent(original)
    assert isinstance(copy, np.ndarray)
    copy[:] = 0.0

    assert copy.flags.c_contiguous
    assert (original == 1.0).all()


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth - 1):
        value = [value]
    return value


def test_depth_up_to_the_limit_crosses() -> None:
    assert same(sent(nested(MAX_DEPTH)), nested(MAX_DEPTH))


@pytest.mark.parametrize(
    ("value", "error"),
    [
        pytest.param(nested(MAX_DEPTH + 1), Unsayable, id="too deep"),
        pytest.param([None] * (MAX_ITEMS + 1), TooLarge, id="too many items"),
        pytest.param([["x"] * 1000] * 11, TooLarge, id="too many items in all"),
        pytest.param(dict.fromkeys(range(MAX_ITEMS + 1)), TooLarge, id="too many keys"),
        pytest.param(np.zeros(MAX_PAYLOAD // 8 + 1), TooLarge, id="too many bytes"),
        pytest.param([np.zeros(MAX_PAYLOAD // 16 + 1)] * 2, TooLarge, id="too many bytes in all"),
        pytest.param(b"x" * (MAX_PAYLOAD + 1), TooLarge, id="too long bytes"),
        pytest.param("x" * (MAX_PAYLOAD + 1), TooLarge, id="too long text"),
        pytest.param([0.0] * (MAX_PAYLOAD // 8 + 1), TooLarge, id="too long list"),
    ],
)
def test_value_beyond_a_limit_is_refused_by_the_sender(
    value: object, error: type[Exception]
) -> None:
    with pytest.raises(error):
        encoded(value)


def test_list_that_holds_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)

    with pytest.raises(Unsayable):
        encoded(value)


@pytest.mark.parametrize(
    "node",
    [
        pytest.param([], id="empty"),
        pytest.param([1], id="no tag"),
        pytest.param({"a": 1}, id="map"),
        pytest.param(["x", 1], id="unknown tag"),
        pytest.param(["f", 1], id="function outside"),
        pytest.param(["s", 1], id="stand-in class"),
        pytest.param(["l", [["o", 1, "Thing"]]], id="object in a list"),
        pytest.param(["l", 5], id="list of no list"),
        pytest.param(["l"], id="too short"),
        pytest.param(["t", [], 1], id="too long"),
        pytest.param(["d", [[1]]], id="pair of one"),
        pytest.param(["d", {"a": 1}], id="dict of a map"),
        pytest.param(["d", [[["l", []], 1]]], id="list as a key"),
        pytest.param(["c", 1, 2], id="complex of integers"),
        pytest.param(["a", "|O", [1]], id="array of objects"),
        pytest.param(["a", "<f8", 2], id="shape of no list"),
        pytest.param(["a", "<f8", [-1]], id="negative length"),
        pytest.param(["a", "<f8", [True]], id="length that is a truth"),
        pytest.param(["a", "<f8", [3]], id="more elements than bytes"),
        pytest.param(["a", "<f8", [1 << 62]], id="impossible length"),
        pytest.param(["a", "<f8", [0] + [1 << 24] * 5], id="impossible shape of no elements"),
        pytest.param(["a", ["<f8"], [2]], id="dtype of no text"),
        pytest.param(["a", "<f8", [0] * 33], id="too many dimensions"),
        pytest.param(["p", "l", "<f8", -1], id="negative count"),
        pytest.param(["p", "d", "<f8", 2], id="long dict"),
        pytest.param(["p", "l", "|O", 2], id="long list of objects"),
    ],
)
def test_malformed_node_is_refused_by_the_receiver(node: object) -> None:
    decoder = Decoder(memoryview(bytes(16)), refuse)

    with pytest.raises(Unsayable):
        decoder.value(node)


def test_bytes_left_over_are_refused_by_the_receiver() -> None:
    with pytest.raises(Unsayable, match="left over"):
        decoded(["a", "<f8", [1]], bytes(16))


def test_node_that_is_too_deep_is_refused_by_the_receiver() -> None:
    node: list[object] = ["l", []]
    for _ in range(MAX_DEPTH + 1):
        node = ["l", [node]]

    with pytest.raises(Unsayable):
        decoded(node)


def test_too_many_nodes_are_refused_by_the_receiver() -> None:
    node = ["l", [["l", []]] * (2 * MAX_ITEMS + 1)]

    with pytest.raises(Unsayable):
        decoded(node)


SIZES = st.one_of(st.integers(-1, 3), st.sampled_from([1 << 24, 1 << 62]))
NODES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        INT64,
        st.floats(),
        st.binary(max_size=8),
        st.sampled_from(["a", "p", "l", "t", "d", "c", "o", "f", "s", "<f8", "|b1", "<c16", "x"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.builds(lambda tag, rest: [tag, *rest], st.sampled_from("aplitdco"), st.lists(inner)),
        st.builds(lambda shape: ["a", "<f8", shape], st.lists(SIZES, max_size=6)),
    ),
    max_leaves=30,
)


@given(NODES, st.binary(max_size=32))
def test_no_node_does_worse_than_to_be_refused(node: object, payload: bytes) -> None:
    try:
        value = decoded(node, payload)
    except Unsayable:
        return
    assert plain(value)


def plain(value: object) -> bool:
    if type(value) is list or type(value) is tuple:
        return all(map(plain, value))
    if type(value) is dict:
        return plain(list(value.items()))
    return type(value) in (type(None), bool, int, float, complex, str, bytes, np.ndarray)


def test_nan_stays_nan() -> None:
    value = sent(math.nan)

    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(np.array([np.longdouble("1e4000")]), id="longer than 64 bits"),
        pytest.param(np.array([np.longdouble("1e4000")], dtype=object), id="of objects"),
    ],
)
def test_number_too_large_for_64_bits_becomes_infinity_without_a_warning(
    value: np.ndarray,
) -> None:
    assert same(sent(value), np.array([np.inf]))
