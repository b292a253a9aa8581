"""Torchrun's arguments → torchrun, which ends with the stage and with the rendezvous; started by `training.launch`."""

import os
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from datetime import timedelta
from typing import NoReturn

LIMIT = "LIMO_RENDEZVOUS_LIMIT"  # host:port of the rendezvous of several nodes, and the seconds it may be silent
UNREACHED = 3  # exit code: nodes did not meet, or the rendezvous is gone


def die_with_stage() -> None:
    """End this process when the stage that started the run is gone, however it ended: its end of stdin closes.

    Torchrun's agent needs it as its workers do: it would start them anew, in vain, and in the place of a node that
    comes back.
    """

    def watch() -> None:
        os.read(sys.stdin.fileno(), 1)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def end_without(host: str, port: int, seconds: float) -> None:
    """End this process when the rendezvous has not answered for so long.

    Torch waits for ever for a host that vanished without closing its connections, and for another program's port.
    """
    from torch.distributed import TCPStore  # noqa: PLC0415 - seconds to import: the watch over the stage comes first

    answered = time.monotonic()

    def ask() -> None:
        nonlocal answered
        with suppress(RuntimeError):
            store = TCPStore(host, port, wait_for_workers=False, timeout=timedelta(seconds=seconds))
            while True:
                store.num_keys()
                answered = time.monotonic()
                time.sleep(1)

    def judge() -> None:
        while time.monotonic() - answered < seconds:
            time.sleep(0.1)
        os._exit(UNREACHED)

    for watch in (ask, judge):
        threading.Thread(target=watch, daemon=True).start()


def end(code: int) -> NoReturn:
    """End this process at once, with all that it printed and without the interpreter's own end.

    Threads of torch and gloo that come back to an interpreter that ends abort the process, now and then: a run whose
    outs are written would count as failed.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main() -> None:
    """Torchrun, with its own arguments, as long as the stage lives and the rendezvous answers."""
    die_with_stage()
    if (limit := os.environ.get(LIMIT)) is not None:
        address, seconds = limit.split()
        host, port = address.rsplit(":", 1)
        end_without(host, int(port), float(seconds))
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError  # noqa: PLC0415 - as above
    from torch.distributed.elastic.rendezvous import RendezvousError  # noqa: PLC0415 - as above
    from torch.distributed.run import main as torchrun  # noqa: PLC0415 - as above

    try:
        torchrun(sys.argv[1:])
    except RendezvousError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        end(UNREACHED)
    except ChildFailedError:
        traceback.print_exc()
        end(1)
    end(0)


if __name__ == "__main__":
    main()
