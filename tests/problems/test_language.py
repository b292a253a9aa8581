import polars as pl

from limo.problems.language import languages

SAMPLES = {
    "Find the sum of all primes below 20.": "en",
    "Expand $(x-2)(x+2)$.": "en",
    "What is 3+4?": "en",
    "求所有小于20的素数之和。": "zh",
    "已知 the 函数 $f(x)=x^2$，求最小值。": "zh",
    "次の和を求めなさい。": "ja",
    "다음 합을 구하시오.": "ko",
    "Найдите сумму всех простых чисел, меньших двадцати.": "ru",
    "Trouver la somme de tous les nombres premiers inférieurs à vingt.": "fr",
    "Berechnen Sie die Summe aller Primzahlen unter zwanzig.": "de",
    "Calcula la suma de todos los números primos menores que veinte.": "es",
    "$1+1=$": "zxx",
    r"\[\int_0^1 x\,dx\]": "zxx",
    "": "zxx",
    "x+y=2, xy=1": "zxx",
    "\ud83d\ude00 1+1".encode("utf-16", "surrogatepass").decode("utf-16"): "zxx",
}


def test_languages_of_problems() -> None:
    assert dict(zip(SAMPLES, languages(pl.Series(list(SAMPLES))), strict=True)) == SAMPLES


def test_neighbours_change_no_language() -> None:
    texts = list(SAMPLES)
    assert [languages(pl.Series([text]))[0] for text in texts] == languages(pl.Series(texts))
