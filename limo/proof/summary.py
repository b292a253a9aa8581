"""A proof → the table that `limo verify` prints."""

from collections import Counter
from collections.abc import Iterator

from limo.proof.hardware import PROMISE
from limo.proof.proof import DIFFERENT, TAKEN, Proof

INDENT = " " * 14


def text(proof: Proof) -> str:
    """The table out by out with the first differences, the hardware, and a line that sums up."""
    return "\n".join([*_outs(proof), *_hardware(proof), _sum(proof)])


def _outs(proof: Proof) -> Iterator[str]:
    width = max((len(out.path) for out in proof.outs), default=0)
    for out in proof.outs:
        yield f"{out.state:<14}{out.path:<{width}}  {out.stage}"
        if out.difference:
            yield f"{INDENT}{out.difference}"
        if out.state == DIFFERENT:
            yield f"{INDENT}md5 {out.committed}, rebuilt {out.rebuilt}"
        if out.inputs:
            given = "would be given" if out.state == TAKEN else "was given"
            yield f"{INDENT}its stage {given} other bytes or values than dvc.lock records: {', '.join(out.inputs)}"


def _hardware(proof: Proof) -> Iterator[str]:
    for unit in proof.hardware:
        yield f"\n{', '.join(unit.outs)}"
        if unit.recorded == unit.present:
            yield f"  recorded on {unit.recorded}, the class of this machine"
        else:
            yield f"  recorded on {unit.recorded}, this machine is {unit.present}: {PROMISE}"
    if proof.hardware:
        yield ""


def _sum(proof: Proof) -> str:
    counts = Counter(out.state for out in proof.outs)
    said = ", ".join(f"{number} {state}" for state, number in counts.items())
    rest = f"; {proof.not_asked_for} not asked for" if proof.not_asked_for else ""
    return f"{proof.commit[:10]}: {len(proof.outs)} outs, {said}{rest}"
