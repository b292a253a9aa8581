import re

_PROOF = re.compile(r"\b(?:prove|show|demonstrate|disprove)\b(?:\s+\w+){0,3}?\s+that\b|\bprove\b", re.IGNORECASE)
_ASKS_VALUE = re.compile(r"\b(?:find|what|how many|how much|determine|compute|calculate|evaluate)\b", re.IGNORECASE)
_PARTS = re.compile(r"(?:^|\n|\s)\(?(?:a|i)\)\s.*(?:\n|\s)\(?(?:b|ii)\)\s", re.DOTALL)
LONGEST_ANSWER = 200  # characters; a longer "answer" is an argument, not a value


def fault(question: str, answer: str | None) -> str | None:
    """Why a problem's answers could not be checked by rule, or None (paper 10, ambiguity 3).

    Proofs that ask for no value, several questions in one, and missing or overlong answers are not verifiable.
    """
    if answer is None or not answer.strip():
        return "unverifiable: no answer"
    if len(answer) > LONGEST_ANSWER:
        return f"unverifiable: answer of {len(answer)} characters"
    if _PROOF.search(question) and not _ASKS_VALUE.search(question):
        return "unverifiable: proof"
    if _PARTS.search(question):
        return "unverifiable: several parts"
    return None
