"""`numerics` of an engine or a training → the caps on CPU arithmetic, and the name of the class whose bits it gives."""

import hashlib
import logging
import os

log = logging.getLogger("limo.numerics")

# Read once, when torch first computes: the branch of MKL's conditional numerical reproducibility, ATen's and oneDNN's
# instructions. With them a processor with AVX-512 adds in the order of one with AVX2.
PORTABLE = {
    "MKL_CBWR": "AVX2",
    "MKL_DYNAMIC": "FALSE",
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
}
# The bits of `probe` under these caps on an AMD processor with AVX-512; docs/contract.md says what was seen elsewhere.
PORTABLE_BITS = "6caee8a9"


def environment(numerics: str) -> dict[str, str]:
    """Variables that a process needs before it computes with torch."""
    return PORTABLE if numerics == "portable" else {}


def settle(numerics: str) -> None:
    """Set these variables for this process and its children; in vain once torch has computed (`unit` finds that)."""
    os.environ.update(environment(numerics))


def unit(numerics: str, threads: int) -> str:
    """The class of processors on which the same bits come out, named by what sums give here: `portable-6caee8a9`.

    Args:
        numerics: as in params; `native` adds the instructions that torch found.
        threads: CPU threads of the sums.
    """
    import torch  # noqa: PLC0415 - seconds to import, and it must not compute before `settle`

    bits = probe(threads)
    if numerics == "portable" and bits != PORTABLE_BITS:
        log.warning(
            "numerics: portable gives %s here, not %s: bytes will differ from published ones", bits, PORTABLE_BITS
        )
    return f"{torch.backends.cpu.get_cpu_capability() if numerics == 'native' else numerics}-{bits}"


def probe(threads: int) -> str:
    """Eight hex digits of the bits of products, softmax and SiLU in float32, of several shapes; some 20 ms."""
    import torch  # noqa: PLC0415

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    source, bits = torch.Generator().manual_seed(0), hashlib.sha256()
    weights = torch.randn(1536, 576, generator=source)
    for rows in (1, 8, 24, 64, 200):
        products = torch.nn.functional.linear(torch.randn(rows, 576, generator=source), weights)
        for numbers in (products, torch.softmax(products, -1), torch.nn.functional.silu(products)):
            bits.update(numbers.numpy().tobytes())
    torch.set_num_threads(before)
    return bits.hexdigest()[:8]
