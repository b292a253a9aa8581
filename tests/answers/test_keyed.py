import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.answers.keyed import keyed
from limo.answers.verify import Case, verify_many


def value(text: str) -> str | None:
    answer = keyed(text)
    return None if answer is None else answer.value


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('{"answer": "31"}', "31"),
        ('{"answer": 1.50, "unit": "m"}', "1.50"),
        ('{"answer": 1,200}', "1,200"),
        ('{"answer": true}', "true"),
        ('{"answer": null}', None),
        ('{"answer": "..."}', None),
        ('{"answer": "<your answer>"}', None),
        ("{'answer': '7',}", "7"),
        ("{'answer': 'g'(x) = 2'}", "g'(x) = 2"),
        ('```json\n{\n  "answer": "7"\n}\n```', "7"),
        ('{"answer": "7', "7"),
        (r'{"answer": "\frac{3}{4}"}', r"\frac{3}{4}"),
        (r'{"answer": "\\frac{3}{4}"}', r"\frac{3}{4}"),
        (r'{"answer": "\text{no}"}', r"\text{no}"),
        (r'{"answer": "2\theta"}', r"2\theta"),
        (r'{"answer": "\beta + \nu"}', r"\beta + \nu"),
        (r'{"answer": "\u221a3"}', "√3"),
        (r'{"answer": "\begin{pmatrix} 1 \\ 2 \end{pmatrix}"}', r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}"),
        (r'{"answer": "\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}"}', r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}"),
        (r'{"steps": "with \{a, b\} we get \(62/2\)", "answer": "5"}', "5"),
        ('{"steps": "the set {1, 2}, so 12", "answer": "5"}', "5"),
        ('{"answer": [1, 2]}', "1, 2"),
        ('{"answer": [[1, 2], [3, 4]]}', "(1, 2), (3, 4)"),
        ('{"answer": {"x": 3, "y": "4"}}', "x = 3, y = 4"),
        ('{"result": {"count": 7}}', "7"),
        ('{"solution": "first add, then halve", "final_answer": "9"}', "9"),
        ('{"answer": "1"} or rather {"answer": "2"}', "2"),
        (r'"{\"answer\": \"6\"}"', "6"),
        ("<answer> 12 </answer>", "12"),
        ("<answer>1</answer> no: <answer>2</answer>", "2"),
        ("the answer", None),
    ],
)
def test_the_answer_under_a_key(text: str, answer: str | None) -> None:
    assert value(text) == answer


@given(st.sampled_from([r"\frac{1}{2}", r"\theta", "x^2", r"\{1, 2\}", r"\text{no}", 'a"b', r"5\%", r"\sqrt[3]{2}"]))
def test_valid_json_is_read_as_json_reads_it(answer: str) -> None:
    assert value(json.dumps({"reasoning": "so", "answer": answer})) == answer


def test_a_key_behind_a_box_counts_and_a_box_in_a_key_too() -> None:
    cases = [
        Case("5", '{"reasoning": "first \\\\boxed{3}", "answer": "5"}'),
        Case("\\frac{1}{2}", '{"answer": "\\\\boxed{\\\\frac{1}{2}}"}'),
        Case("60", '{"answer": "So the area of KLMN is 60."}'),
        Case("3", '{"reasoning": "the values are 0 and \\(3\\)", \n "answer": "3, 0"}'),
    ]
    assert [verdict.verdict for verdict in verify_many(cases)] == ["correct", "correct", "correct", "wrong"]


def test_headings_are_no_hash_answers() -> None:
    cases = [
        Case("18", "#### Step 1: add\nThat gives 18.\n#### 18"),
        Case("18", "He has $18.\n#### $18"),
        Case("7", "#### 2. Solve it\nSo x = 7."),
    ]
    assert [verdict.verdict for verdict in verify_many(cases)] == ["correct"] * 3
