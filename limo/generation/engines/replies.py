"""The body of a server's reply → text, stop and tokens; used by the openai engine."""

import json
from typing import Any

STOPS = {"stop": "eos", "length": "length"}


def parse(body: bytes, endpoint: str) -> tuple[str, str, int | None]:
    """Text, stop and tokens of a reply, None where the server counts none; ValueError says what is malformed."""
    reply = json.loads(body)
    choices = _typed(reply, "choices", list)
    if not choices:
        raise ValueError("choices is empty")
    reason = _typed(choices[0], "finish_reason", str)
    if reason not in STOPS:
        raise ValueError(f"finish_reason is {reason!r}")
    text = _typed(choices[0], "text", str) if endpoint == "completions" else _spoken(choices[0], reason)
    text.encode()  # half a surrogate pair could not be stored; its error is a ValueError
    return text, STOPS[reason], _tokens(reply.get("usage") or {})


def _spoken(choice: dict[str, Any], reason: str) -> str:
    """Content of a chat message, with the thoughts that a server splits off put back as R1's template writes them."""
    message = _typed(choice, "message", dict)
    thoughts = message.get("reasoning_content") or message.get("reasoning")
    if not thoughts:
        return str(_typed(message, "content", str))
    if not isinstance(thoughts, str):
        raise ValueError(f"reasoning is {type(thoughts).__name__}, not str")  # noqa: TRY004
    opened = "<think>\n" + thoughts.strip("\n")
    if not message.get("content") and reason == "length":  # cut while it thought
        return opened
    content = _typed(message, "content", str) if message.get("content") is not None else ""
    return f"{opened}\n</think>\n\n{content.lstrip()}"


def _typed(holder: Any, key: str, kind: type) -> Any:
    value = holder.get(key) if isinstance(holder, dict) else None
    if not isinstance(value, kind):
        raise ValueError(f"{key} is {type(value).__name__}, not {kind.__name__}")  # noqa: TRY004
    return value


def _tokens(spent: Any) -> int | None:
    value = spent.get("completion_tokens") if isinstance(spent, dict) else spent
    if value is not None and (type(value) is not int or value < 0):
        raise ValueError(f"usage.completion_tokens is {value!r}")
    return value
