import pytest

from limo.training.examples import encode
from tests import tiny_model
from tests.training import world

TOKENIZER = tiny_model.tokenizer()


def test_trains_the_solution_and_the_end_of_turn_alone():
    row = {"id": "a", "question": "What is 1 + 1?", "solution": "It is \\boxed{2}."}
    (example,) = encode([row], TOKENIZER, "Think.", world.train())
    context = (
        "<|im_start|>system\nThink.<|im_end|>\n<|im_start|>user\nWhat is 1 + 1?<|im_end|>\n<|im_start|>assistant\n"
    )
    assert TOKENIZER.decode(example.ids[: example.prompt]) == context
    assert TOKENIZER.decode(example.ids[example.prompt :]) == "It is \\boxed{2}.<|im_end|>"
    assert example.trained == len("It is \\boxed{2}.") + 1


@pytest.mark.parametrize(
    ("solution", "changes", "message"),
    [
        ("", {}, "example a: no token to train"),
        ("So 2.<|im_end|>Ha", {}, "example a: its solution holds the control token 2"),
        ("2" * 300, {"tokens_per_pass": 999}, "over train.max_length=256"),
        ("2" * 300, {"max_length": 999}, "do not fit into one forward pass; raise train.tokens_per_pass=256"),
    ],
)
def test_refuses_what_cannot_be_trained_and_names_it(solution, changes, message):
    rows = [*world.rows(3), {"id": "a", "question": "?", "solution": solution}]
    with pytest.raises(ValueError, match="1 of 4 examples") as error:
        encode(rows, TOKENIZER, "s", world.train(**changes))
    assert message in str(error.value)


def test_refuses_an_empty_dataset():
    with pytest.raises(ValueError, match="dataset is empty"):
        encode([], TOKENIZER, "s", world.train())
