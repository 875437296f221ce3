"""What `grader doctor` and the start of a slot ask of a live child."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader.domain.workers import FURTHER_LAYERS, MUST_LAYERS
from grader.errors import SandboxUnavailable
from grader.sandbox.probes import Examination, Layer, Probe, examine, require
from grader.sandbox.zygote import Zygote

MUSTS = set(MUST_LAYERS)


@pytest.fixture(
    scope="module",
    params=[pytest.param(True, id="all layers"), pytest.param(False, id="musts alone")],
)
def examination(request: pytest.FixtureRequest) -> Iterator[Examination]:
    """Give what was found, with a file among the secrets that everybody may read."""
    with (
        tempfile.NamedTemporaryFile(prefix="canary-") as canary,
        Zygote(namespaces=request.param) as zygote,
    ):
        Path(canary.name).chmod(0o644)
        yield examine(zygote, (Path(canary.name),))


def test_every_must_holds_with_and_without_namespaces(examination: Examination) -> None:
    musts = {layer.name: layer.missing for layer in examination.layers if layer.must}

    assert musts == dict.fromkeys(MUSTS, "")


def test_staff_are_told_of_every_further_layer_that_can_be_had(examination: Examination) -> None:
    further = {layer.name for layer in examination.layers if not layer.must}

    assert further - {"cgroup"} == set(FURTHER_LAYERS)


def test_every_probe_is_refused(examination: Examination) -> None:
    through = [probe for probe in examination.probes if not probe.refused]

    assert through == []
    assert len(examination.probes) >= 12


def test_secret_is_among_what_was_tried(examination: Examination) -> None:
    assert any("canary-" in probe.name for probe in examination.probes)


def test_missing_layer_comes_with_what_to_do(examination: Examination) -> None:
    assert all(layer.advice for layer in examination.layers if layer.missing)


def test_what_was_found_here_lets_grading_begin(examination: Examination) -> None:
    require(examination)


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(
            Examination((Layer("seccomp", True, "no filter", ""),), ()), id="must missing"
        ),
        pytest.param(Examination((), (Probe("seccomp", False, "got 5"),)), id="probe got through"),
    ],
)
def test_missing_must_or_open_probe_stops_grading(found: Examination) -> None:
    with pytest.raises(SandboxUnavailable, match="seccomp"):
        require(found)


def test_missing_further_layer_does_not_stop_grading(examination: Examination) -> None:
    layers = tuple(replace(layer, missing="not here") for layer in examination.layers)
    further = tuple(layer for layer in layers if not layer.must)

    require(Examination(further, examination.probes))
