"""dvc.lock here and in the last commit → a line on the outs whose bytes differ: the end of `make repro`."""

from pathlib import Path

from limo.graph import lock
from limo.proof.clone import committed

SHOWN = 5


def differences(before: dict[str, str], present: dict[str, str]) -> str:
    """A sentence on the outs, by path to their md5, that this machine made otherwise than the last commit says."""
    differing = sorted(path for path in before if present.get(path) != before[path])
    added = sorted(present.keys() - before.keys())
    if not differing and not added:
        return f"all {len(present)} outs have the bytes of the last commit"
    named = [*differing[:SHOWN], *(f"{len(differing) - SHOWN} more" for _ in differing[SHOWN : SHOWN + 1])]
    news = [f"{len(differing)} of {len(before)} outs differ from the last commit ({', '.join(named)})"] * bool(
        differing
    )
    news += [f"{len(added)} outs are not in it"] * bool(added)
    return f"{' and '.join(news)}: where neither params nor code changed, `limo verify` says why"


def main() -> None:
    """Print the sentence for the project in the working directory; nothing where no dvc.lock is committed."""
    text = committed(Path.cwd(), "dvc.lock")
    if text is not None:
        present = Path("dvc.lock").read_text(encoding="utf-8")
        before = lock.outs(text)  # half a second to read, so once where both are the same
        print(differences(before, before if present == text else lock.outs(present)))


if __name__ == "__main__":
    main()
