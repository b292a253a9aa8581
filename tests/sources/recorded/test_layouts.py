import pytest

from limo.sources.recorded.layouts import LAYOUTS, missing
from limo.sources.recorded.record import PassCount, Said, of_share, stopped, verdict

ROWS = {
    "openr1_math": {
        "uuid": "u1",
        "problem": "What is 3 + 4?",
        "generations": ["So 7.", "So 8, or", "Then 7."],
        "correctness_math_verify": [True, False, True],
        "finish_reasons": ["stop", "length", None],
        "is_reasoning_complete": [True, False, True],
    },
    "openmathreasoning": {
        "problem": "What is 3 + 4?",
        "generated_solution": "So 7.",
        "expected_answer": "7",
        "generation_model": "R1",
        "pass_rate_72b_tir": "0.65625",
    },
    "skywork_or1": {
        "prompt": [{"role": "user", "content": "What is 3 + 4?"}],
        "reward_model": {"ground_truth": '["7"]'},
        "extra_info": {"index": 5, "model_difficulty": {"small": 13, "large": 2, "broken": -1}},
    },
    "numinamath_1.5": {
        "problem": "What is 3 + 4?",
        "solution": "So 7.",
        "problem_is_valid": "Yes",
        "solution_is_valid": "Incomplete",
    },
    "s1k": {"question": "What is 3 + 4?", "gemini_thinking_trajectory": "Seven.", "gemini_attempt": "It is 7."},
    "big_math": {"problem": "What is 3 + 4?", "llama8b_solve_rate": 0.171875},
    "deepscaler": {"problem": "What is 3 + 4?", "offline_pass_rate": None},
}
HELD = {
    "openr1_math": (
        [Said("So 7.", "correct", "eos"), Said("So 8, or", "wrong", "length"), Said("Then 7.", "correct")],
        [],
    ),
    "openmathreasoning": ([Said("So 7.", author="R1")], [PassCount(21, 32, "Qwen2.5-Math-72B-Instruct")]),
    "skywork_or1": (
        [],
        [
            PassCount(3, 16, "small"),
            PassCount(14, 16, "large"),
            PassCount(None, None, "broken", "no count: difficulty -1 is not 0 to 16"),
        ],
    ),
    "numinamath_1.5": ([Said("So 7.", fault="solution_is_valid: Incomplete")], []),
    "s1k": ([Said("<think>\nSeven.\n</think>\n\nIt is 7.")], []),
    "big_math": ([], [PassCount(11, 64)]),
    "deepscaler": ([], [PassCount(None, None, fault="no count: None is no share")]),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_row_of_a_publisher_is_read_with_its_own_columns(name):
    record = LAYOUTS[name].record(ROWS[name])
    assert record.question == "What is 3 + 4?"
    assert (record.said, record.counted) == HELD[name]
    assert missing(ROWS[name], name) is None


def test_a_row_that_lacks_a_column_of_its_layout_is_named():
    assert missing({"problem": "What?"}, "big_math") == "no column llama8b_solve_rate: not a row of layout big_math"


@pytest.mark.parametrize(
    ("share", "draws", "count"),
    [("0.5", 32, 16), (0.0, 8, 0), (1, 8, 8), (0.32, 64, None), ("n/a", 32, None), (2, 4, None)],
)
def test_a_share_stands_for_a_whole_count_or_for_none(share, draws, count):
    found = of_share(share, draws)
    assert found.correct == count
    assert (found.fault is None) == (count is not None)


def test_marks_of_publishers_are_read_in_their_spellings():
    assert [verdict(mark) for mark in (True, 1, "True", False, 0.0, "incorrect", None, "")] == [
        *["correct"] * 3, *["wrong"] * 3, None, None,
    ]  # fmt: skip
    assert [stopped(reason) for reason in ("stop", "length", None)] == ["eos", "length", None]
    with pytest.raises(ValueError, match="verdict 'perhaps' is neither"):
        verdict("perhaps")
