import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForCausalLM

from tests import tiny_model

START_S = 300


def save_model(folder: Path) -> Path:
    """A random model of the smallest heads that vLLM's attention on CPUs takes, and the tests' tokenizer."""
    config = AutoConfig.for_model(
        "llama",
        vocab_size=259,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=32,
        max_position_embeddings=2048,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
    )
    torch.manual_seed(0)
    AutoModelForCausalLM.from_config(config, dtype=torch.float32).save_pretrained(folder)
    tiny_model.tokenizer().save_pretrained(folder)
    return folder


class Served:
    """A vLLM server of its own environment on a loopback port; it can be killed and started again on the same port."""

    def __init__(self, python: str, folder: Path, log: Path):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        # The command `vllm` looks for a package of that name, which the build for CPUs does not have.
        self.command = [python, "-m", "vllm.entrypoints.openai.api_server", "--model", str(folder)]
        self.command += ["--served-model-name", "tiny", "--host", "127.0.0.1", "--port", str(self.port)]
        self.command += ["--max-model-len", "512", "--dtype", "float32", "--enforce-eager"]
        self.log = log
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        """Start the process; it takes a minute until it answers."""
        quiet = {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind", "VLLM_NO_USAGE_STATS": "1"}
        with self.log.open("ab") as stream:
            self.process = subprocess.Popen(
                self.command,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
                env=os.environ | quiet | {"HF_HUB_OFFLINE": "1"},
            )

    def wait(self) -> None:
        """Until the server answers; its log is in the error if it ends instead."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"vLLM ended with {self.process.returncode}:\n{self.log.read_text()[-3000:]}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.5)
        raise TimeoutError(f"vLLM does not answer after {START_S} s:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        """SIGKILL to the server and all its processes."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
