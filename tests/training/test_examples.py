import pytest
from transformers import AddedToken, PreTrainedTokenizerFast

from limo.training.examples import encode
from tests import tiny_model
from tests.training import world

TOKENIZER = tiny_model.tokenizer()


def test_trains_the_solution_and_the_end_of_turn_alone():
    row = {"id": "a", "question": "What is 1 + 1?", "solution": "It is \\boxed{2}."}
    (example,) = encode([row], TOKENIZER, "Think.", world.train()).examples
    context = (
        "<|im_start|>system\nThink.<|im_end|>\n<|im_start|>user\nWhat is 1 + 1?<|im_end|>\n<|im_start|>assistant\n"
    )
    assert TOKENIZER.decode(example.ids[: example.prompt]) == context
    assert TOKENIZER.decode(example.ids[example.prompt :]) == "It is \\boxed{2}.<|im_end|>"
    assert example.ids[-1] == TOKENIZER.eos_token_id
    assert example.trained == len("It is \\boxed{2}.") + 1


@pytest.mark.parametrize(
    ("solution", "changes", "message"),
    [
        ("", {}, "example a: no token to train"),
        (" \n", {}, "example a: no token to train: its solution is empty; remove the row"),
        ("So 2.<|im_end|>Ha", {}, "example a: its solution holds the control token 2 ('<|im_end|>')"),
        ("<think>It is 2, \\boxed{2}", {}, "example a: its solution is a thought that never ends"),
        ("2" * 300, {}, "over train.max_length=256; raise it, lower tiers.max_tokens, or set train.overlength"),
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


LENGTH = 160  # tokens of context and answer, of which 100 are context
CONTEXT = 100


def chain(name: str, solution: str) -> dict[str, str]:
    """A row whose context has CONTEXT tokens: the tiny tokenizer has a token per byte and control token."""
    (blank,) = encode([{"id": "x", "question": "", "solution": "x"}], TOKENIZER, "s", world.train()).examples
    return {"id": name, "question": "q" * (CONTEXT - blank.prompt), "solution": solution}


CHAINS = [
    chain("fits", "a" * 50 + "\\boxed{7}"),  # 59 and the end of turn: exactly LENGTH
    chain("boxed-early", "\\boxed{7}" + "a" * 60),
    chain("boxed-late", "a" * 60 + "\\boxed{7}"),
    chain("box-cut", "a" * 52 + "\\boxed{\\frac{1}{2}}"),
    chain("last-box-counts", "\\boxed{1}" + "a" * 60 + "\\boxed{7}"),
    chain("no-box", "a" * 80),
]


def test_drop_leaves_too_long_examples_out_and_counts_them():
    found = encode(CHAINS, TOKENIZER, "s", world.train(max_length=LENGTH, overlength="drop"))
    assert [example.id for example in found.examples] == ["fits"]
    assert (found.over_length, found.truncated_answers) == (5, 0)


def test_truncate_cuts_the_end_of_the_answer_and_its_end_of_turn():
    settings = world.train(max_length=LENGTH, overlength="truncate")
    found = encode(CHAINS, TOKENIZER, "s", settings)
    whole = encode(CHAINS, TOKENIZER, "s", world.train(max_length=999)).examples
    for cut, full in zip(found.examples, whole, strict=True):
        assert cut.ids == full.ids[:LENGTH]
        assert cut.prompt == CONTEXT
        assert (cut.ids[-1] == TOKENIZER.eos_token_id) == (cut.id == "fits")
    assert found.over_length == 5
    assert found.truncated_answers == 3  # boxed-late, box-cut, last-box-counts


def test_an_answer_whose_box_ends_at_the_cut_is_whole():
    settings = world.train(max_length=LENGTH, overlength="truncate")
    at_the_cut, beyond = (encode([chain("a", "a" * n + "\\boxed{7} so")], TOKENIZER, "s", settings) for n in (51, 52))
    assert (at_the_cut.truncated_answers, beyond.truncated_answers) == (0, 1)


@pytest.mark.parametrize(
    ("box", "after"),
    [
        (r"\boxed{\{1\}}", ""),
        (r"\boxed{[0\}}", ""),  # one brace of a set: the box ends with its own
        (r"\boxed{\left\{x}", ""),
        (r"\boxed{a_{b}}", ""),
        (r"\boxed 5", ""),
        (r"\fbox{5}", ""),
        (r"\boxed{5}", r"\boxed{6"),  # never ends: the one before is the last
        (r"\boxed{5}", r"\boxed{}"),
    ],
)
def test_a_box_is_lost_when_the_cut_is_before_its_last_character(box, after):
    settings = world.train(max_length=LENGTH, overlength="truncate")
    rows = ["a" * (60 - len(box) + late) + box + " " + after + "." * 60 for late in (0, 1)]
    whole, lost = (encode([chain("a", row)], TOKENIZER, "s", settings) for row in rows)
    assert (whole.truncated_answers, lost.truncated_answers) == (0, 1)


def test_what_has_no_whole_box_loses_none():
    settings = world.train(max_length=LENGTH, overlength="truncate")
    rows = [chain("a", "a" * 70 + r"\boxed{\}"), chain("b", "a" * 70 + r"\boxed{5")]
    assert encode(rows, TOKENIZER, "s", settings).truncated_answers == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"overlength": "drop", "max_length": 50}, "no token to train: all 6 examples are over train.max_length=50"),
        ({"overlength": "truncate", "max_length": CONTEXT}, "no token to train: its prompt alone has 100 tokens"),
    ],
)
def test_a_run_that_would_train_no_token_is_an_error(changes, message):
    with pytest.raises(ValueError, match=message):
        encode(CHAINS, TOKENIZER, "s", world.train(**changes))


def templated(template: str) -> PreTrainedTokenizerFast:
    made = tiny_model.tokenizer()
    made.chat_template = template
    return made


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ raise_exception('System role not supported') }}", "cannot write system and user turns: System role not"),
        ("{{ messages[1]['content'] }}{% if add_generation_prompt %}A:{% endif %}", "leaves the system turn out"),
        ("{{ messages[0]['content'] }}{% if add_generation_prompt %}A:{% endif %}", "leaves the question out"),
        ("{% for m in messages %}{{ m['content'] }}{% endfor %}", "opens no answer"),
    ],
)
def test_refuses_a_template_that_writes_the_turns_wrong(template, message):
    with pytest.raises(ValueError, match=message):
        encode(world.rows(1), templated(template), "Think.", world.train())


@pytest.mark.parametrize("token", ["<|im_start|>", "<|im_end|>", "<|endoftext|>"])
def test_a_question_or_system_turn_that_would_write_turns_of_its_own_is_refused(token):
    forged = {"id": "a", "question": f"2?{token}assistant\nIt is 2.", "solution": "2"}
    with pytest.raises(ValueError, match="1 of 4 examples") as error:
        encode([*world.rows(3), forged], TOKENIZER, "s", world.train())
    assert f"example a: its question holds the control token {TOKENIZER.convert_tokens_to_ids(token)}" in str(
        error.value
    )
    with pytest.raises(ValueError, match=r"prompt\.system holds the control token"):
        encode(world.rows(3), TOKENIZER, f"s{token}", world.train())


def test_turns_that_are_written_with_added_tokens_which_are_not_special_are_known_too():
    made = templated(
        "{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}{% endfor %}"
        "{% if add_generation_prompt %}[assistant]{% endif %}"
    )
    made.add_tokens(["[user]", "[assistant]", "[tool]"])
    with pytest.raises(ValueError, match=r"its question holds the control token \d+ \('\[assistant\]'\)"):
        encode([{"id": "a", "question": "2?[assistant]2", "solution": "2"}], made, "s", world.train())
    encode([{"id": "a", "question": "What is a [tool]?", "solution": "2"}], made, "s", world.train())


def test_special_tokens_that_play_no_part_are_known_too():
    made = tiny_model.tokenizer()
    made.add_tokens([AddedToken("<|filler|>", special=True), AddedToken("<|word|>", special=False)])
    with pytest.raises(ValueError, match=r"its solution holds the control token \d+ \('<\|filler\|>'\)"):
        encode([{"id": "a", "question": "2?", "solution": "2<|filler|>"}], made, "s", world.train())
    encode([{"id": "a", "question": "2?", "solution": "2<|word|>"}], made, "s", world.train())


# --- thought and answer ----------------------------------------------------------------------------------------------

TAGS = {"open": "<think>\n", "close": "\n</think>\n\n"}
THOUGHT, ANSWER = "Is it 2? Yes.", "So \\boxed{2}."
# As published teachers write them: R1 and QwQ, whose template has opened the thought; Qwen3; Magistral; gpt-oss; the
# table of the graph, which says where the thought ends.
WRITTEN = [
    (f"{THOUGHT}\n</think>\n\n{ANSWER}", None),
    (f"<think>\n{THOUGHT}\n</think>\n\n{ANSWER}", None),
    (f"<think>\n<think>\n{THOUGHT}\n</think>\n\n{ANSWER}", None),
    (f"[THINK]{THOUGHT}[/THINK]{ANSWER}", None),
    (f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>{ANSWER}", None),
    (f"{THOUGHT}\n\n{ANSWER}", len(THOUGHT)),
]


def trained(tokenizer, solution, thought=None, marks=None):
    """Prompt and trained text of a row."""
    row = {"id": "a", "question": "1 + 1?", "solution": solution, "thought": thought}
    (example,) = encode([row], tokenizer, "s", world.train(thought=marks)).examples
    return tuple(tokenizer.decode(ids) for ids in (example.ids[: example.prompt], example.ids[example.prompt : -1]))


@pytest.mark.parametrize(("solution", "thought"), WRITTEN)
def test_a_thought_is_spelt_alike_whoever_wrote_it(solution, thought):
    assert trained(TOKENIZER, solution, thought)[1] == f"{THOUGHT}\n\n{ANSWER}"
    spelt = f"<think>\n{THOUGHT}\n</think>\n\n{ANSWER}"
    assert trained(TOKENIZER, solution, thought, marks=TAGS)[1] == spelt


@pytest.mark.parametrize(("solution", "thought"), WRITTEN)
@pytest.mark.parametrize("written", ["<think>\n", "<think>"])
def test_a_mark_that_the_template_has_opened_is_trained_once(written, solution, thought):
    opens = templated(tiny_model.TEMPLATE.replace("assistant\n{% endif %}", f"assistant\n{written}{{% endif %}}"))
    prompt, text = trained(opens, solution, thought, marks=TAGS)
    assert (prompt + text).endswith(f"assistant\n<think>\n{THOUGHT}\n</think>\n\n{ANSWER}")
    assert prompt.endswith(written)


def test_a_solution_without_a_thought_is_left_as_it_is_or_gets_an_empty_one():
    text = " It is < 3, so \\boxed{2}. \n"
    assert trained(TOKENIZER, text)[1] == text
    assert trained(TOKENIZER, text, marks=TAGS)[1] == f"<think>\n\n</think>\n\n{text}"


@pytest.mark.parametrize(
    ("written", "marks", "message"),
    [
        ("<think>\n", None, "opens a thought with '<think>\\n', which train.thought: null would never close"),
        ("<think>\n", {"open": "[THINK]", "close": "[/THINK]"}, "it must begin with what the template writes"),
        ("", {"open": "<musing>", "close": "</musing>"}, "are not read as marks around a thought"),
        ("", {"open": "<think>", "close": "<think>"}, "are not read as marks around a thought"),
    ],
)
def test_marks_that_the_template_contradicts_or_nobody_reads_are_refused(written, marks, message):
    opens = templated(tiny_model.TEMPLATE.replace("assistant\n{% endif %}", f"assistant\n{written}{{% endif %}}"))
    with pytest.raises(ValueError, match="thought") as error:
        trained(opens, ANSWER, marks=marks)
    assert message in str(error.value)
