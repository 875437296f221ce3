"""The data of HW4: what is drawn, and what is read from a csv."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Protocol

import numpy as np
import pytest

from grader.errors import AssignmentError

SUITE = Path(__file__).parents[3] / "reference" / "hw4" / "suite"


class Houses(Protocol):
    """What the training needs of the data."""

    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray


def load_helper(name: str) -> ModuleType:
    """Return a helper of the suite, whose folder is on no path here."""
    spec = importlib.util.spec_from_file_location(f"hw4_{name}", SUITE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


houses = load_helper("houses")
formulas = load_helper("formulas")


def weights_after(data: Houses, epochs: int, rate: float, start: float) -> np.ndarray:
    """Return the weights, (2, 1), after `epochs` steps of gradient descent."""
    weights = np.full((2, 1), start)
    for _ in range(epochs):
        weights = weights - rate * formulas.loss_gradient(weights, data.X_train, data.y_train)
    return weights


def write_csv(path: Path, rows: list[tuple[float, float]]) -> Path:
    lines = [f"{number},{price},{area}" for number, (area, price) in enumerate(rows)]
    path.write_text("\n".join(["Id,SalePrice,GrLivArea", *lines]) + "\n", encoding="utf-8")
    return path


def test_drawn_houses_have_the_shapes_and_kinds_of_the_course() -> None:
    data = houses.generate()

    assert [len(part) for part in (data.X_train, data.X_val, data.X_test)] == [533, 167, 177]
    assert {part.dtype.name for part in (data.X_train, data.X_val, data.X_test)} == {"float32"}
    assert {part.dtype.name for part in (data.y_train, data.y_val, data.y_test)} == {"float64"}
    assert data.y_test.shape == data.X_test.shape == (177, 1)
    assert 0 <= data.X_train.min() <= data.X_train.max() <= 1
    assert set(np.unique(data.y_train)) == {0.0, 1.0}


def test_houses_are_drawn_alike_each_time() -> None:
    first, second = houses.generate(), houses.generate()

    assert all(np.array_equal(getattr(first, key), getattr(second, key)) for key in vars(first))


def test_first_step_on_drawn_houses_is_that_on_the_csv_to_two_digits() -> None:
    weights = weights_after(houses.generate(), 1, rate=0.5, start=0.1)

    assert weights == pytest.approx(np.array([[0.11574258], [0.0832162]]), rel=2e-3)


@pytest.mark.parametrize(
    ("epochs", "train", "validation"),
    [(0, "0.69", "0.69"), (1000, "0.58", "0.58"), (2000, "0.51", "0.52")],
)
def test_losses_on_drawn_houses_are_those_on_the_csv_to_two_digits(
    epochs: int, train: str, validation: str
) -> None:
    data = houses.generate()

    weights = weights_after(data, epochs, rate=0.1, start=0.0)

    assert f"{formulas.mean_loss(weights, data.X_train, data.y_train):.2f}" == train
    assert f"{formulas.mean_loss(weights, data.X_val, data.y_val):.2f}" == validation


@pytest.mark.parametrize(("epochs", "accuracy"), [(200, 0.9266), (25000, 0.9153)])
def test_accuracies_on_drawn_houses_are_those_on_the_csv(epochs: int, accuracy: float) -> None:
    data = houses.generate()

    weights = weights_after(data, epochs, rate=0.1, start=0.0)

    assert formulas.accuracy(weights, data.X_test, data.y_test) == pytest.approx(accuracy, abs=5e-5)


@pytest.mark.parametrize("mirror", ["as it is", *houses.MIRRORS])
def test_training_reaches_the_goal_by_130_epochs_and_starts_below_it(mirror: str) -> None:
    data = houses.MIRRORS.get(mirror, lambda same: same)(houses.generate())

    before, after = (weights_after(data, epochs, rate=0.1, start=0.1) for epochs in (0, 130))

    assert formulas.accuracy(before, data.X_test, data.y_test) < 0.6
    assert formulas.accuracy(after, data.X_test, data.y_test) > 0.85


@pytest.mark.parametrize("mirror", list(houses.MIRRORS))
@pytest.mark.parametrize("scale", [1.9, 2.3])
def test_rescaled_mirror_is_learnt_as_soon(mirror: str, scale: float) -> None:
    data = houses.rescaled(houses.MIRRORS[mirror](houses.generate()), scale)

    weights = np.array([[0.1], [0.1]])
    for _epoch in range(130):
        weights = weights - 0.1 * formulas.loss_gradient(weights, data.X_train, data.y_train)

    assert formulas.accuracy(weights, data.X_test, data.y_test) > 0.85


def test_no_weights_are_right_for_the_data_and_for_it_rescaled() -> None:
    data = houses.generate()
    other = houses.rescaled(data, 1.9)

    def right(at: float, there: Houses) -> bool:
        weights = np.array([[1e4], [-1e4 * at]])
        return bool(formulas.accuracy(weights, there.X_test, there.y_test) > 0.85)

    areas = np.linspace(0, 2, 400)
    assert any(right(at, data) for at in areas)
    assert not any(right(at, data) and right(at, other) for at in areas)


def test_mirrors_change_what_is_learnt_and_lose_nothing() -> None:
    data = houses.generate()

    mirrored = houses.swapped_and_negated(data)

    assert np.array_equal(mirrored.X_test, -data.X_test)
    assert np.array_equal(mirrored.y_val, 1 - data.y_val)
    assert np.array_equal(houses.swapped_and_negated(mirrored).X_train, data.X_train)


def test_csv_is_read_by_the_recipe_of_the_course(tmp_path: Path) -> None:
    rows = [(1000.0 + 10 * i, 50000.0 + 1000 * (i * 7 % 20)) for i in range(20)]
    path = write_csv(tmp_path / "houses.csv", rows)

    data = houses.read(path)

    # The recipe once more, row by row.
    shuffled = [rows[i] for i in np.random.RandomState(0).permutation(20)]
    areas = [area for area, _ in shuffled[:12]]
    prices = sorted(price for _, price in rows)
    cheap, expensive = (np.percentile(prices, share) for share in (30, 70))
    kept = [row for row in shuffled[:12] if not cheap < row[1] < expensive]
    scaled = [[(area - min(areas)) / (max(areas) - min(areas))] for area, _ in kept]
    assert data.X_train == pytest.approx(np.array(scaled), abs=1e-6)
    assert data.y_train.tolist() == [[float(price >= expensive)] for _, price in kept]
    sizes = len(data.X_train) + len(data.X_val) + len(data.X_test)
    assert sizes == sum(not cheap < price < expensive for price in prices)
    assert data.X_test.dtype == np.float32


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Id,GrLivArea\n1,5\n", id="no prices"),
        pytest.param("GrLivArea,SalePrice\n5,cheap\n", id="no number"),
        pytest.param("GrLivArea,SalePrice\n5\n", id="row too short"),
    ],
)
def test_csv_of_another_kind_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "houses.csv"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(AssignmentError, match="GrLivArea and SalePrice"):
        houses.read(path)


def test_missing_csv_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssignmentError, match=r"nowhere\.csv"):
        houses.load("nowhere.csv", tmp_path)
