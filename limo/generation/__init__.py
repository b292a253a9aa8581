"""Ordered, stored, early-stopping draws: task, sampler, attempts; engines/ transformers, vllm, openai, ray."""
