"""A zstd stream → its lines; used by jsonl, and by sources that are packed files."""

import gzip
from collections.abc import Iterator
from typing import IO

import zstandard


def unpacked_lines(stream: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    """Yield the lines of a zstd stream of any number of frames, without their line ends.

    Raises:
        EOFError: the last frame does not end; the library itself takes the end of the file for the end of the data.
        zstandard.ZstdError: the stream is damaged.
    """
    frame, rest = None, b""
    while block := stream.read(2**16):
        while block:
            frame = frame or zstandard.ZstdDecompressor().decompressobj()
            *lines, rest = (rest + frame.decompress(block)).split(b"\n")
            yield from lines
            block, frame = frame.unused_data, None if frame.eof else frame
    if frame is not None:
        raise EOFError("the last frame does not end")
    yield rest
