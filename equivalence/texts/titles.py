"""What the five course texts are, so that a reader knows which one lies open."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """One course text.

    key: what stands before a section's number here, as in "001 417_5".
    name: its name in this project, short enough for a table; its words serve as keys, too.
    title, author: as the text itself has them, in its own language; "" where it has none.
    kind: what sort of text it is, and how its sections are numbered; ``korean`` says the same.
    """

    key: str
    name: str
    title: str
    author: str
    kind: str
    korean: str
    language: str


def named(word):
    """Return the texts that a word stands for: a key, with or without its zeros, or a name's."""
    word = word.lower()
    return [
        text
        for text in TEXTS.values()
        if word in (text.key, text.key.lstrip("0") or "0", *text.name.lower().split())
        or word == text.name.lower()
    ]


TEXTS = {
    row.key: row
    for row in (
        Text(
            "000",
            "Course",
            "Deep Learning with Tensorflow and Keras (Ver.2.0)",
            "조성현",
            "slides of a course: the contents of 11 chapters, and chapter 1 with its programs; "
            "numbered 1-1 to 11-12",
            "강의 슬라이드: 11개 장의 차례와 1장의 내용과 프로그램. 절 번호는 1-1부터 11-12",
            "Korean",
        ),
        Text(
            "001",
            "Inside TensorFlow",
            "Tensorflow 내부 동작 이해하기",
            "",
            "chapter 04 of a book: networks in NumPy and the same in TensorFlow, then gradient "
            "descent; numbered by listing, 411_1 to 434_1",
            "책의 4장: NumPy로 만든 신경망과 같은 텐서플로우 코드, 경사 하강법. "
            "예제 번호는 411_1부터 434_1",
            "Korean",
        ),
        Text(
            "002",
            "Data analysis",
            "텐서플로우 빅데이터 분석",
            "",
            "lecture notes on a textbook: a neuron, AND, XOR, regression, wine; numbered by "
            "listing, 3.10 to 5.11",
            "교재를 정리한 강의 노트: 뉴런, AND, XOR, 회귀, 와인. 예제 번호는 3.10부터 5.11",
            "Korean",
        ),
        Text(
            "003",
            "Slides",
            "Deep Learning",
            "Bok, Jong Soon",
            "slides in three parts that each begin with 1: here A (networks), B (deep networks "
            "on data), C (Keras and recurrent networks)",
            "저마다 1번부터 시작하는 세 부분: 여기서는 A(신경망), B(심층 신경망), "
            "C(Keras와 순환 신경망)",
            "Korean and English",
        ),
        Text(
            "004",
            "Celsius",
            "8. 머신러닝 모델부터 예측까지 기초 실습 2",
            "",
            "slides of an exercise: Celsius to Fahrenheit by Dense layers; numbered 01-1 to 01-3",
            "실습 슬라이드: Dense 층으로 섭씨를 화씨로. 절 번호는 01-1부터 01-3",
            "Korean",
        ),
    )
}
