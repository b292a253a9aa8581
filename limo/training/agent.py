import os
import signal
import sys
import threading
import time

import psutil

LIMIT = "LIMO_RENDEZVOUS_LIMIT"  # seconds until the first meeting of several nodes


def die_with_stage() -> None:
    """End this process when the stage that started the run is gone, however it ended: its end of stdin closes.

    Torchrun's agent needs it as its workers do: it would start them anew, in vain, and in the place of a node that
    comes back.
    """

    def watch() -> None:
        os.read(sys.stdin.fileno(), 1)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def give_up(seconds: float) -> None:
    """End this process when it has started none by then: torch's own limit does not reach a port that another program
    holds and never answers on."""

    def watch() -> None:
        time.sleep(seconds)
        if not psutil.Process().children():
            print(f"no node has been met in {seconds:g} s: the port may be another program's", file=sys.stderr)
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def main() -> None:
    """Torchrun, with its own arguments, as long as the stage lives."""
    die_with_stage()
    if (limit := os.environ.get(LIMIT)) is not None:
        give_up(float(limit))
    from torch.distributed.run import main as torchrun  # noqa: PLC0415 - seconds to import: the watch comes first

    torchrun(sys.argv[1:])


if __name__ == "__main__":
    main()
