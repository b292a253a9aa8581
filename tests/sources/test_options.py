import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.sources.options import LETTERS, asked, parse

COLOURS = "Which one is blue?\n\nA. the sky\nB. the grass\nC. the snow\nD. the coal\n\nEnd with the letter."
TEXTS = st.lists(
    st.text(st.characters(categories=["Ll", "Nd"], include_characters=" \\^{}+"), min_size=1)
    .map(str.strip)
    .filter(bool),
    min_size=2,
    max_size=8,
    unique=True,
)


def row(question=COLOURS, answer="A", source_id="5"):
    return {"benchmark": "exam", "source_id": source_id, "question": question, "answer": answer}


def shown(question):
    """The options of a question by letter."""
    return dict(zip(LETTERS, parse(question).texts, strict=False))


def lettered(texts, tail=""):
    return "Which?\n" + "\n".join(f"{letter}. {text}" for letter, text in zip(LETTERS, texts, strict=False)) + tail


@given(TEXTS, st.integers(0, 10**6), st.sampled_from(["", "\n\nSay the letter."]))
def test_a_shuffled_question_holds_the_same_options_and_its_answer_names_the_same_text(texts, seed, tail):
    question = lettered(texts, tail)
    for letter in LETTERS[: len(texts)]:
        (moved,) = asked(row(question, letter), seed, "shuffle")
        assert sorted(shown(moved["question"]).values()) == sorted(texts)
        assert shown(moved["question"])[moved["answer"]] == texts[LETTERS.index(letter)]
        assert moved["written"] == letter
        assert [texts[LETTERS.index(written)] for written in moved["order"]] == list(parse(moved["question"]).texts)
        assert moved["question"].startswith("Which?\n")
        assert moved["question"].endswith(tail)


def test_an_order_depends_on_seed_benchmark_and_row_alone():
    orders = [next(asked(row(source_id=str(number)), 1, "shuffle"))["order"] for number in range(400)]
    assert orders == [next(asked(row(source_id=str(number)), 1, "shuffle"))["order"] for number in range(400)]
    assert orders != [next(asked(row(source_id=str(number)), 2, "shuffle"))["order"] for number in range(400)]
    reworded = row(COLOURS.replace("sky", "sea"), source_id="3")
    assert next(asked(reworded, 1, "shuffle"))["order"] == orders[3]


def test_one_who_always_says_a_scores_a_quarter_once_options_are_shuffled():
    answers = [next(asked(row(source_id=str(number)), 1, "shuffle"))["answer"] for number in range(2000)]
    assert answers.count("A") / 2000 == pytest.approx(0.25, abs=0.04)


def test_circular_asks_every_rotation_and_the_first_as_it_is_published():
    turns = list(asked(row(), 1, "circular"))
    assert [turn["order"] for turn in turns] == ["ABCD", "BCDA", "CDAB", "DABC"]
    assert [turn["answer"] for turn in turns] == ["A", "D", "C", "B"]
    assert [turn["source_id"] for turn in turns] == ["5", "5~1", "5~2", "5~3"]
    assert turns[0]["question"] == COLOURS
    assert {turn["written"] for turn in turns} == {"A"}


@pytest.mark.parametrize("seed", range(5))
def test_an_option_that_names_the_others_by_place_stays(seed):
    question = COLOURS.replace("the coal", "All of the above")
    (moved,) = asked(row(question), seed, "shuffle")
    assert moved["order"].endswith("D")
    assert [turn["order"] for turn in asked(row(question), seed, "circular")] == ["ABCD", "BCAD", "CABD"]


def test_options_of_which_one_names_letters_stay():
    question = COLOURS.replace("the coal", "Both A and C")
    assert next(asked(row(question), 3, "shuffle"))["order"] == "ABCD"


def test_options_may_hold_blank_lines_if_all_hold_as_many():
    question = "Which?\n\nA. one\n\nx = 1\nB. two\n\nx = 2\nC. three\n\nx = 3\n\nSay the letter."
    assert parse(question).texts == ("one\n\nx = 1", "two\n\nx = 2", "three\n\nx = 3")
    assert parse(question).tail == "\n\nSay the letter."
    assert parse(question.replace("A. one\n\n", "A. one ")) is None


@pytest.mark.parametrize(
    "question",
    ["No options at all.", "A. only one", "A. one\nC. three", "A. one\nB. two\nD. four", "A. one B. two on one line"],
)
def test_what_is_no_run_of_options_is_not_taken_apart(question):
    assert parse(question) is None


def test_a_letter_without_its_option_is_refused_and_a_free_answer_is_left_alone():
    with pytest.raises(ValueError, match="row 5: its options cannot be told apart, or none is E"):
        list(asked(row(answer="E"), 1, "shuffle"))
    with pytest.raises(ValueError, match="row 5"):
        list(asked(row("How many?", "B"), 1, "shuffle"))
    assert list(asked(row("How many?", "12"), 1, "shuffle")) == [row("How many?", "12")]
