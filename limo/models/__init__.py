"""A model's folder: unpacked or pinned by fetch, read by all that samples or trains; its tokenizer and fingerprint."""
