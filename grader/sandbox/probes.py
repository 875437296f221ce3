"""Examines a live child: which layers hold it, and what becomes of what it must not do."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import SandboxUnavailable
from grader.sandbox.budget import Budget
from grader.sandbox.conversation import Conversation
from grader.sandbox.endings import Failure
from grader.sandbox.inside import frames, landlock
from grader.sandbox.inside.values import Encoder
from grader.sandbox.lease import Lease
from grader.sandbox.replies import Kept
from grader.sandbox.zygote import Zygote

_SOURCE = Path(__file__).parent / "inside" / "probe.py"
_MEMORY, _CPU_SECONDS = 256 << 20, 20
_REFUSALS = ("PermissionError", "OSError", "FileNotFoundError", "RuntimeError", "ValueError")

# What each probe is called, and the function of `inside/probe.py` that tries it.
_PROBES = {
    "read a file": "read_file",
    "list the root": "list_root",
    "stat a file": "stat_file",
    "chmod": "change_mode",
    "write a file": "write_file",
    "connect": "connect",
    "fork": "fork",
    "thread": "start_thread",
    "exec": "execute",
    "signal": "send_signal",
    "ptrace": "trace",
    "lift a limit": "raise_limits",
    "user namespace": "new_user_namespace",
}
# Neither Landlock nor seccomp can tell one path's stat from another's.
_NEEDS_EMPTY_ROOT = {"stat a file"}

_ADVICE = {
    "Landlock": "boot a kernel of 5.13 or newer with landlock in the lsm= list",
    "namespaces": "run as root, or let users make namespaces (kernel.unprivileged_userns_clone=1)",
    "process namespace": "see namespaces",
    "empty root": "see namespaces",
    "own user": "run as root, so that each slot gets a user id of its own",
    "cgroup": "not needed: limits of its own hold each child's memory and CPU",
}


@dataclass(frozen=True)
class Layer:
    """One layer of the sandbox. `missing` says why it does not hold, or is empty."""

    name: str
    must: bool
    missing: str
    advice: str


@dataclass(frozen=True)
class Probe:
    """One thing that was tried inside; `refused` is as it must be."""

    name: str
    refused: bool
    outcome: str


@dataclass(frozen=True)
class Examination:
    """What an examination found."""

    layers: tuple[Layer, ...]
    probes: tuple[Probe, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """Why nothing may be graded here; empty where it may."""
        return (
            *(f"{x.name} is missing: {x.missing}" for x in self.layers if x.must and x.missing),
            *(f"a probe got through: {x.name}: {x.outcome}" for x in self.probes if not x.refused),
        )


def examine(zygote: Zygote, secrets: tuple[Path, ...] = ()) -> Examination:
    """Examine a child of `zygote`; `secrets` are more files that it must not be able to read.

    Raises:
        SandboxFailure: a process of ours was lost.
    """
    lease = Lease(zygote.lease())
    child = Conversation(lease, _MEMORY, _CPU_SECONDS)
    try:
        layers = tuple(_layers(zygote, child.pid))
        child.close()
        exempt = _NEEDS_EMPTY_ROOT if zygote.layers["empty root"] else set()
        files = (Path(__file__), Path("/etc/passwd"), *secrets)
        probes = [
            _probe(lease, name, path)
            for name in _PROBES
            if name not in exempt
            for path in (files if name == "read a file" else files[:1])
        ]
        return Examination(layers, tuple(probes))
    finally:
        lease.close()


def require(examination: Examination) -> None:
    """Refuse to go on where a layer that must hold is missing or a probe got through.

    Raises:
        SandboxUnavailable: so it is; the message says which.
    """
    if examination.problems:
        raise SandboxUnavailable("; ".join(examination.problems))


def _layers(zygote: Zygote, pid: int) -> list[Layer]:
    """Read from the kernel, not from the child, what holds process `pid`."""
    status = _fields(Path(f"/proc/{pid}/status").read_text())
    limits = Path(f"/proc/{pid}/limits").read_text()
    unlimited = [
        line for line in limits.splitlines() if "unlimited" in line and "address space" in line
    ]
    musts = {
        "rlimits": "the address space is not limited" if unlimited else "",
        "no_new_privs": "" if status.get("NoNewPrivs") == "1" else "the bit is not set",
        "Landlock": "" if landlock.abi() else "the kernel has none",
        "seccomp": "" if status.get("Seccomp") == "2" else "no filter is in force",
        "no capabilities": ""
        if int(status.get("CapEff", "1"), 16) == 0
        else f"has {status.get('CapEff')}",
    }
    further = {**zygote.layers, "cgroup": "a cgroup for each child is not made"}
    if zygote.layers["own user"] == "" and status.get("Uid", "0").split()[0] == "0":
        further["own user"] = "the child still is root"
    return [
        *(Layer(name, True, missing, _ADVICE.get(name, "")) for name, missing in musts.items()),
        *(Layer(name, False, missing, _ADVICE.get(name, "")) for name, missing in further.items()),
    ]


def _fields(status: str) -> Mapping[str, str]:
    return {
        key: value.strip()
        for key, _, value in (line.partition(":") for line in status.splitlines())
    }


def _probe(lease: Lease, name: str, path: Path) -> Probe:
    """Try one thing in a child of its own."""
    source = _SOURCE.read_bytes()
    budget = Budget(2.0, 10.0)
    child = Conversation(lease, _MEMORY, _CPU_SECONDS)
    try:
        setup = frames.Setup({}, [], {"probe.py": "probe"}, ["probe.py"], [len(source)], {}, [])
        child.tell(setup, [source], budget)
        child.tell(frames.Begin(0, 1024, []), [], budget)
        module = child.ask(lambda number: frames.Import(number, "probe.py"), [], budget, _nothing)
        if not isinstance(module, Kept):
            return Probe(name, False, f"could not be tried: {module}")
        arguments = Encoder(lambda value: None).node(((str(path),), {}))
        path_inside = [_PROBES[name]]
        reply = child.ask(
            lambda number: frames.Call(number, module.number, path_inside, arguments),
            [],
            budget,
            _nothing,
        )
    finally:
        child.close()
    shown = f"{name} {path}" if name == "read a file" else name
    if isinstance(reply, Failure):
        return Probe(
            shown, reply.error in _REFUSALS, f"{reply.error or reply.ending}: {reply.message}"
        )
    return Probe(shown, False, repr(reply)[:200])


def _nothing(number: int, state: Any, arguments: Any) -> tuple[Any, Any]:
    raise RuntimeError("nothing is lent to a probe")
