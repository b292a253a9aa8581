"""Engines that answer requests: transformers, vLLM, a server that speaks OpenAI's protocol, and many on Ray."""
