import polars as pl

from limo.quality import near

WORDS = "we add the two numbers of the first row and then take away what the second row has left over".split()


def made():
    texts = {
        f"c{number:02}": " ".join(WORDS[number % 5 :] + WORDS[: number % 3] + [str(number % 4)] * (number % 4))
        for number in range(24)
    }
    tokens = [len(text.split()) for text in texts.values()]
    usable = pl.DataFrame({"id": [f"p{number % 5}" for number in range(24)], "chain_id": list(texts), "tokens": tokens})
    return usable, pl.DataFrame({"chain_id": list(texts), "chain": list(texts.values())})


def test_what_memory_does_not_hold_is_compared_in_shares_of_questions_with_the_same_result(tmp_path, monkeypatch):
    usable, texts = made()
    at_once = near.duplicates(usable, [texts], 0.7)
    assert at_once
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(near, "_HELD", 500)
    assert near.duplicates(usable, texts.iter_slices(5), 0.7) == at_once


def test_a_question_with_one_chain_is_near_none():
    usable, texts = made()
    assert near.duplicates(usable.unique("id", keep="first"), [texts], 0.1) == {}
