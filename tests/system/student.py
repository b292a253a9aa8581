import random
from pathlib import Path
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from limo.models.load import prompt_ids, turns
from limo.params import Family, FamilySource
from limo.sources.families import drawn
from tests import tiny_model

SYSTEMS = ["Quick.", "Solve.", "Reason."]  # those of profiles/tiny.yaml
STEPS = 160
BATCH = 24


def lessons(seed: int) -> list[tuple[str, str]]:
    """Questions of the `train` split with their answers: some of those that the profile's sources can ask.

    Every third is there six times, so that the model knows some answers well, some a little and others not at all.
    """
    spec = FamilySource(
        kind="families",
        split="train",
        seed=seed,
        styles=["terse"],
        families={
            "add": Family(count=34, low=1, high=5, level=1),
            "subtract": Family(count=24, low=1, high=6, level=1),
            "apples": Family(count=100, low=2, high=5, level=2),
        },
    )
    rows = [(row["question"], row["answer"]) for row in drawn.records(spec)]
    return rows + 5 * rows[::3]


def train(folder: Path) -> None:
    """Write a model that knows the form of an answer and often, but not always, its number.

    The same bytes each time: fixed seeds, one thread, a fixed number of steps.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    tokenizer = tiny_model.tokenizer()
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=259,
            hidden_size=128,
            intermediate_size=256,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=2048,
            tie_word_embeddings=True,
            bos_token_id=1,
            eos_token_id=2,
            pad_token_id=2,
        )
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.98), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=STEPS, pct_start=0.1)
    draw = random.Random(0)
    known = lessons(7)
    for _ in range(STEPS):
        rows = [_example(tokenizer, draw, *draw.choice(known)) for _ in range(BATCH)]
        width = max(len(ids) for ids, _ in rows)
        ids = torch.tensor([tokens + [2] * (width - len(tokens)) for tokens, _ in rows])
        labels = torch.full_like(ids, -100)
        for row, (tokens, start) in enumerate(rows):
            labels[row, start : len(tokens)] = ids[row, start : len(tokens)]
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    torch.set_num_threads(threads)


def _example(tokenizer: Any, draw: random.Random, question: str, answer: str) -> tuple[list[int], int]:
    prompt = prompt_ids(tokenizer, turns(draw.choice(SYSTEMS), question))
    text = f"The answer is {answer}."
    return [*prompt, *tokenizer(text, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id], len(prompt)
