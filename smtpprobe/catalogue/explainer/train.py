"""Makes the learned reader's weights from the labelled replies: `python -m smtpprobe.catalogue.explainer.train`.

Needs scikit-learn, an extra for development. The same replies make the same weights.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from smtpprobe.catalogue.explainer import wording
from smtpprobe.catalogue.explainer.explain import infer_phase
from smtpprobe.catalogue.explainer.features import pieces, surroundings
from smtpprobe.catalogue.explainer.learned import PATH, RARITY, ZERO, Example, Model
from smtpprobe.catalogue.explainer.slots import outline
from smtpprobe.model.transcript import Phase

REPLIES = Path(__file__).parents[3] / "fixtures" / "replies"
FEATURES = 20_000
_LEAST_REPLIES = 2  # that have a piece
_BESIDE = 0.25  # of what codes and phase weigh beside the words, whose length is 1
_PENALTY = 0.5  # scikit-learn's C: less holds the weights smaller
_FOLDS = 4
_EXAMPLES = 20  # of a cause
_LONGEST_EXAMPLE = 160  # characters


class Labelled(NamedTuple):
    """A line of fixtures/replies: the cause that a postmaster would name, others that would be no mistake, and the reply."""

    cause: str
    also: tuple[str, ...]
    phase: Phase | None
    language: str
    provider: str | None
    reply: str

    @property
    def accepted(self) -> tuple[str, ...]:
        """The causes of which each is right."""
        return (self.cause, *self.also)


class Seen(NamedTuple):
    """What the reader sees of a reply."""

    words: frozenset[str]
    beside: tuple[str, ...]


def labelled(path: Path) -> Iterator[Labelled]:
    """The replies of one file: six fields separated by TAB, `-` where there is nothing to say, `\\n` between lines."""
    for line in path.read_text("utf-8").splitlines():
        cause, also, phase, language, provider, reply = line.split("\t")
        yield Labelled(
            cause=cause,
            also=() if also == "-" else tuple(also.split()),
            phase=None if phase == "-" else Phase(phase),
            language=language,
            provider=None if provider == "-" else provider,
            reply=_written_out(reply),
        )


def _written_out(reply: str) -> str:
    return "\\".join(part.replace("\\n", "\n") for part in reply.split("\\\\"))


def every_reply() -> list[Labelled]:
    """Those of every file, in the order of the files' names."""
    return [row for path in sorted(REPLIES.glob("*.tsv")) for row in labelled(path)]


def seen(row: Labelled) -> Seen:
    """What the reader sees of a labelled reply, read as `explain` reads it."""
    said = wording.read(outline(row.reply[: wording.LIMIT])[0])
    phase = row.phase or said.phase or infer_phase(said)
    return Seen(pieces(said.text), tuple(surroundings(said.code, said.enhanced, phase)))


class _Features:
    """The features that are kept, numbered, with their rarity."""

    def __init__(self, words: Sequence[str], beside: Sequence[str], counts: Counter[str], replies: int) -> None:
        import numpy

        self.words, self.beside = words, beside
        self.number = {name: number for number, name in enumerate([*words, *beside])}
        rarity = [numpy.log((1 + replies) / (1 + counts[word])) + 1 for word in words]
        # As the model holds it, so that what is learned fits what is read.
        self.rarity = numpy.clip(numpy.rint(numpy.array(rarity) * RARITY), 1, 255)

    def matrix(self, rows: Iterable[Seen]) -> Any:
        """A row for each reply: its words with the length 1, and what is beside them."""
        import numpy
        from scipy.sparse import csr_matrix

        places: list[int] = []
        values: list[float] = []
        ends = [0]
        for row in rows:
            words = sorted(self.number[word] for word in row.words if word in self.number)
            weights = self.rarity[words] if words else numpy.zeros(0)
            values += list(weights / (numpy.sqrt((weights**2).sum()) or 1))
            beside = [self.number[each] for each in row.beside if each in self.number]
            values += [_BESIDE] * len(beside)
            places += words + beside
            ends.append(len(places))
        return csr_matrix((values, places, ends), shape=(len(ends) - 1, len(self.number)))


def _features(rows: Sequence[Seen], causes: Sequence[str]) -> _Features:
    """The pieces that decide most: by the weights that they have beside all others, and how many replies have them."""
    import numpy

    words = Counter(word for row in rows for word in row.words)
    beside = Counter(each for row in rows for each in row.beside)
    frequent = sorted(word for word, count in words.items() if count >= _LEAST_REPLIES)
    around = sorted(each for each, count in beside.items() if count >= _LEAST_REPLIES)
    every = _Features(frequent, around, words, len(rows))
    weights = _classifier().fit(every.matrix(rows), causes).coef_[:, : len(frequent)]
    counts = numpy.array([words[word] for word in frequent])
    deciding = numpy.sqrt((weights**2).sum(axis=0) * counts) * every.rarity
    kept = sorted(frequent[at] for at in numpy.argsort(-deciding, kind="stable")[:FEATURES])
    return _Features(kept, around, words, len(rows))


def _classifier() -> Any:
    from sklearn.svm import LinearSVC

    return LinearSVC(C=_PENALTY, random_state=0)


def train(rows: Sequence[Labelled], *, with_examples: bool = True, temperature: float | None = None) -> Model:
    """The model that the replies make; `unknown` is no cause that is learned. `temperature` where it is known."""
    import numpy

    rows = [row for row in rows if row.cause != "unknown"]
    read = [seen(row) for row in rows]
    causes = [row.cause for row in rows]
    features = _features(read, causes)
    matrix = features.matrix(read)
    fitted = _classifier().fit(matrix, causes)
    words = len(features.words)
    weights = fitted.coef_.T.copy()
    weights[:words] *= (features.rarity / RARITY)[:, None]
    weights[words:] *= _BESIDE
    unit = float(numpy.quantile(numpy.abs(weights), 0.9999) / (ZERO - 1))
    octets = numpy.clip(numpy.rint(weights / unit), -ZERO, ZERO - 1) + ZERO
    return Model(
        causes=tuple(fitted.classes_.tolist()),
        pieces="\n".join([*features.words, *features.beside]),
        rarity=features.rarity.astype("uint8").tobytes() + bytes(len(features.beside)),
        rows=octets.astype("uint8").tobytes(),
        unit=unit,
        bias=tuple(round(float(each), 6) for each in fitted.intercept_),
        temperature=temperature or _temperature(matrix, causes),
        examples=tuple(_examples(rows, matrix[:, :words])) if with_examples else (),
    )


def _temperature(matrix: Any, causes: Sequence[str]) -> float:
    """What scores are divided by, so that a cause that is proposed with 0.8 is right four times out of five.

    Measured on replies that the weights were not made from, each part of them by the others.
    """
    import numpy
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp
    from sklearn.model_selection import cross_val_predict

    counts = Counter(causes)
    enough = [number for number, cause in enumerate(causes) if counts[cause] >= _FOLDS]
    matrix, causes = matrix[enough], [causes[number] for number in enough]
    scores = cross_val_predict(_classifier(), matrix, causes, cv=_FOLDS, method="decision_function")
    names = sorted(set(causes))
    own = scores[numpy.arange(len(causes)), [names.index(cause) for cause in causes]]

    def loss(temperature: float) -> float:
        return float((logsumexp(scores / temperature, axis=1) - own / temperature).mean())

    return round(float(minimize_scalar(loss, bounds=(0.05, 2.0), method="bounded").x), 4)


def _examples(rows: Sequence[Labelled], words: Any) -> Iterator[Example]:
    """For each cause the replies that most of the others of it read like."""
    import numpy

    by_cause: defaultdict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        if len(row.reply) <= _LONGEST_EXAMPLE:
            by_cause[row.cause].append(number)
    for cause, numbers in sorted(by_cause.items()):
        alike = (words[numbers] @ words[numbers].T).toarray()
        covered = numpy.zeros(len(numbers))
        for _ in range(min(_EXAMPLES, len(numbers))):
            gain = numpy.maximum(alike, covered).sum(axis=1)
            best = int(gain.argmax())
            covered = numpy.maximum(covered, alike[best])
            yield Example(cause, rows[numbers[best]].language, rows[numbers[best]].reply)


def main() -> None:
    """Writes the weights beside the catalogue's tables, and says how large they are."""
    octets = msgspec.msgpack.encode(train(every_reply()))
    Path(PATH).write_bytes(octets)
    sys.stdout.write(f"{PATH}: {len(octets)} octets\n")


if __name__ == "__main__":
    main()
