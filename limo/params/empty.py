"""What stands in place of a section that params.yaml leaves empty, since the stages that read it are not wanted."""

from typing import Any

from pydantic import create_model

from limo.params.section import Section

# An empty section is null, or holds no more than these keys, which dvc.yaml asks of stages that are not wanted too, or
# other stages read.
STAY = {
    "pool": {"max_characters"},
    "screen": {"path", "engine"},
    "rate": {"raters"},
    "score": {"tokenizer"},
    "evaluate": {"benchmarks", "comparisons"},
}


class Empty:
    """An empty section. Reading a key that it does not hold raises a ValueError that names the key."""

    def __init__(self, name: str, held: dict[str, Any]) -> None:
        self._name, self._held = name, held

    def __getattr__(self, key: str) -> Any:
        if key.startswith("_"):
            raise AttributeError(key)
        if key not in self._held:
            raise ValueError(
                f"section {self._name} of params.yaml is empty, and {self._name}.{key} is needed here: fill the section"
            )
        return self._held[key]

    def values(self) -> dict[str, Any] | None:
        """What the file holds."""
        return self._held or None


def empty(section: object) -> bool:
    """Whether a section of `Params` was left empty."""
    return isinstance(section, Empty)


def read(name: str, section: type[Section], value: Any) -> Empty | None:
    """The empty section that `value` of the file says, None where it says more.

    Raises:
        ValidationError: a key that stays has no valid value.
    """
    if value is not None and not (isinstance(value, dict) and _says_nothing(name, value)):
        return None
    asked: dict[str, Any] = {key: (section.model_fields[key].rebuild_annotation(), ...) for key in value or {}}
    part: type[Section] = create_model(section.__name__, __base__=Section, **asked)
    return Empty(name, dict(part.model_validate(value or {})))


def _says_nothing(name: str, value: dict[str, Any]) -> bool:
    """Whether a mapping holds nothing but keys that stay, and of the user's own names none: `{}` forgot its keys."""
    named = any(isinstance(inner, dict) and inner for inner in value.values())
    return bool(value) and value.keys() <= STAY.get(name, set()) and not named
