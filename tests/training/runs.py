"""Stages as processes of their own: watched from outside, and killed."""

import os
import signal
import time

import psutil

LONG = {"epochs": 8}  # 3 steps an epoch, the last of one example: with two processes one of them has nothing to do
# 24 steps, a checkpoint after each, and a model after each epoch, all of which are better than the ones before.
SAVES = {**LONG, "save_steps": 1, "choose": "validation"}


def await_file(stage, folder, pattern):
    deadline = time.monotonic() + 300
    while not list((folder / ".limo/checkpoints").glob(pattern)):
        assert stage.poll() is None, f"the run ended before {pattern} was there: {stage.stderr.read()}"
        assert time.monotonic() < deadline
        time.sleep(0.0005)


def await_step(stage, folder, step):
    """Wait for the checkpoint of that step or a later one: each goes as soon as the next is there."""
    await_file(stage, folder, f"limo-*/step-*[{step}-9]")


def family(stage):
    """The stage's processes, those that train first, and the stage itself."""
    return [*reversed(psutil.Process(stage.pid).children(recursive=True)), psutil.Process(stage.pid)]


def freeze(processes):
    for process in processes:
        os.kill(process.pid, signal.SIGSTOP)


def kill(processes):
    """kill -9 of all at the same instant."""
    freeze(processes)
    for process in processes:
        process.kill()
