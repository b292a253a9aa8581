"""Every knob of the graph as a frozen, validated section: an unknown, missing or out-of-range key is an error."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Fraction = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]


class Section(BaseModel):
    """Base of all sections: immutable, no unknown keys, no silent conversion between types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


# --- models -----------------------------------------------------------------------------------------------------


class PackagedModel(Section):
    """Weights that a Python package ships as GGUF, unpacked to float32 safetensors."""

    kind: Literal["gguf_package"]
    package: str
    version: str
    split_digits: bool
    max_length: Positive
    licence: str


class HubModel(Section):
    """Weights on a model hub, pinned by revision."""

    kind: Literal["hub"]
    repo: str
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$|^unpinned$")]
    licence: str


class LocalModel(Section):
    """Weights in a folder of the project, copied in (small test models)."""

    kind: Literal["folder"]
    path: str
    licence: str


Model = Annotated[PackagedModel | HubModel | LocalModel, Field(discriminator="kind")]

# --- sources and benchmarks -------------------------------------------------------------------------------------


class Family(Section):
    """One family of generated problems: how many instances, with which number range, at which level (1 easiest)."""

    count: Positive
    low: int
    high: int
    level: Positive

    @model_validator(mode="after")
    def _range(self) -> "Family":
        if self.low >= self.high:
            raise ValueError(f"low ({self.low}) must be below high ({self.high})")
        return self


class FamilySource(Section):
    """Problems of our own generator with worked solutions in several styles.

    `split` partitions all instances by a hash of their text, so `train` and `test` never share one.
    """

    kind: Literal["families"]
    split: Literal["train", "test"]
    seed: Count
    families: dict[str, Family]
    styles: list[Literal["terse", "stepwise", "checked", "exploratory"]]


class GymSource(Section):
    """Seeded tasks of reasoning-gym; `config` goes to the task's own constructor."""

    kind: Literal["reasoning_gym"]
    task: str
    count: Positive
    seed: Count
    level: Positive
    domain: str
    config: dict[str, Any]


class ChampSource(Section):
    """CHAMP's competition problems with their step-by-step solutions; `limit` keeps the first by hash order."""

    kind: Literal["champ"]
    limit: Positive


class Fields(Section):
    """Names of a table's columns; null where it has none. Nested columns are written with dots."""

    id: str | None
    question: str
    answer: str | None
    solution: str | None
    domain: str | None
    level: str | None


class TableSource(Section):
    """Rows with columns: `fields` names them, or the publisher whose layout they have (docs/acquire.md, "Layouts").

    `answer_from` is null for a layout, which knows where its answers are.
    """

    fields: Fields | Literal["numinamath", "deepscaler", "aime", "math", "harp", "verl", "olympiadbench"]
    answer_from: Literal["field", "last_boxed"] | None
    where: dict[str, list[str | int]]
    limit: Positive | None
    licence: str

    @model_validator(mode="after")
    def _answers(self) -> "TableSource":
        if isinstance(self.fields, str):
            if self.answer_from is not None:
                raise ValueError(f"answer_from must be null: layout {self.fields} knows where its answers are")
            return self
        if self.answer_from is None:
            raise ValueError("answer_from must be field or last_boxed where `fields` names columns")
        column = {"field": "answer", "last_boxed": "solution"}[self.answer_from]
        if getattr(self.fields, column) is None:
            raise ValueError(f"answer_from {self.answer_from!r} needs a column in fields.{column}")
        return self


class HubSource(TableSource):
    """A dataset on a hub, pinned by revision and streamed."""

    kind: Literal["hub"]
    repo: str
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$|^unpinned$")]
    config: str | None
    split: str

    @model_validator(mode="after")
    def _no_test_split(self) -> "HubSource":
        if self.fields == "math" and self.split != "train":
            raise ValueError(f"split {self.split!r} of MATH is refused: MATH-500 is drawn from test; use train")
        return self


class FileSource(TableSource):
    """A local file of problems: .jsonl or .json, also packed as .gz, .zst or .zip; .csv, .parquet or .arrow."""

    kind: Literal["files"]
    path: str


Source = Annotated[
    FamilySource | GymSource | ChampSource | HubSource | FileSource,
    Field(discriminator="kind"),
]

# --- problems ---------------------------------------------------------------------------------------------------


class Near(Section):
    """Near-duplicate search: MinHash over word shingles proposes, a second look at facts and wording decides.

    `threshold` is the least share of common tokens, 2·common/(n + m).
    """

    shingle: Positive
    permutations: Positive
    bands: Positive
    threshold: Fraction

    @model_validator(mode="after")
    def _divides(self) -> "Near":
        if self.permutations % self.bands:
            raise ValueError(f"bands ({self.bands}) must divide permutations ({self.permutations})")
        return self


class Decontamination(Section):
    """Benchmark overlap: shared word n-grams propose, a second look at facts and wording decides.

    `threshold` is the least share of n-grams of the shorter text, `similarity` that of common tokens; n-grams in more
    than `max_document_frequency` of the texts do not count.
    """

    ngram: Positive
    threshold: Fraction
    similarity: Fraction
    max_document_frequency: Fraction


class Families(Section):
    """Families of one template: MinHash proposes, the similarity of runs of words decides; `cap` may be null."""

    shingle: Positive
    permutations: Positive
    bands: Positive
    similarity: Fraction
    cap: Positive | None

    @model_validator(mode="after")
    def _divides(self) -> "Families":
        if self.permutations % self.bands:
            raise ValueError(f"bands ({self.bands}) must divide permutations ({self.permutations})")
        return self


class Pool(Section):
    """What may enter the pool (paper 2, design).

    `workers` (threads), `shards` (parts, one in memory at a time) and `cluster` (the address of a Ray cluster, or null)
    change no byte. `languages` and `answer_types` are null where every one may enter.
    """

    max_characters: Positive
    workers: Positive
    shards: Positive
    cluster: str | None
    source_rank: list[str]
    near: Near
    decontamination: Decontamination
    languages: list[str] | None
    answer_types: (
        list[Literal["integer", "fraction", "expression", "interval", "set", "tuple", "choice", "text"]] | None
    )
    families: Families


class Select(Section):
    """Which rated questions go on (paper 3): `all` is v2's pass through, the others are v1's strategic sampling.

    `balance` takes equally many of every bin, `proportional` as many as the bin's share. A bin is a subject with a
    difficulty: the source's level, or the number of correct answers in `rate`.
    """

    rule: Literal["balance", "proportional", "all"]
    size: Positive
    difficulty: Literal["level", "correct"]
    max_similarity: Fraction


# --- generation -------------------------------------------------------------------------------------------------


class Prompt(Section):
    """The system turn of every training example and every evaluation prompt (paper 6.2)."""

    system: str


class TransformersEngine(Section):
    """Slot-based sampling on transformers; `slots` sequences of at most `max_length` tokens run side by side."""

    kind: Literal["transformers"]
    device: Literal["cpu", "cuda"]
    dtype: Literal["float32", "bfloat16"]
    slots: Positive
    max_length: Positive
    threads: Positive


class VllmEngine(Section):
    """vLLM's engine, fed without a pause: `data_parallel` copies of the model of `tensor_parallel` devices each.

    `batch_invariant` makes an answer independent of its company on devices that support it, and needs the prefix cache
    off (docs/screen.md, "Engines").
    """

    kind: Literal["vllm"]
    device: Literal["cpu", "cuda"]
    dtype: Literal["float32", "bfloat16", "auto"]
    tensor_parallel: Positive
    data_parallel: Positive
    max_length: Positive
    max_sequences: Positive
    memory_fraction: Fraction
    prefix_caching: bool
    batch_invariant: bool

    @model_validator(mode="after")
    def _invariant(self) -> "VllmEngine":
        if self.batch_invariant and self.prefix_caching:
            raise ValueError("batch_invariant needs prefix_caching: false, since a cached prefix gives other bits")
        if self.batch_invariant and self.device == "cpu":
            raise ValueError("batch_invariant is a mode of GPUs: set it to false for device: cpu")
        return self


class OpenaiEngine(Section):
    """An OpenAI-compatible server; the key comes from the environment variable named here, never from a file.

    `completions` sends token ids, `chat` the turns, for servers that take no ids. A request is tried `attempts` times
    with growing pauses between before the stage stops; `key_variable` is null for a server without keys.
    """

    kind: Literal["openai"]
    url: str
    model: str
    endpoint: Literal["completions", "chat"]
    key_variable: str | None
    concurrency: Positive
    timeout_s: Annotated[float, Field(gt=0)]
    attempts: Positive


class RayEngine(Section):
    """`actors` copies of another engine on a Ray cluster, each with so many CPUs and GPUs of one node to itself."""

    kind: Literal["ray"]
    address: str
    actors: Positive
    cpus: Annotated[float, Field(ge=0)]
    gpus: Annotated[float, Field(ge=0)]
    holds: Annotated[TransformersEngine | VllmEngine | OpenaiEngine, Field(discriminator="kind")]


Engine = Annotated[TransformersEngine | VllmEngine | OpenaiEngine | RayEngine, Field(discriminator="kind")]


class Sampling(Section):
    """How one answer is drawn. Temperature 0 is greedy."""

    temperature: Annotated[float, Field(ge=0, le=5)]
    top_p: Annotated[float, Field(gt=0, le=1)]
    max_tokens: Positive


class Draws(Section):
    """Ordered draws per problem under the system turn `system`, and the band of correct answers that keeps it."""

    model: Name
    engine: Name
    system: str
    draws: Positive
    min_correct: Count
    max_correct: Count
    lookahead: Positive
    sampling: Sampling

    @model_validator(mode="after")
    def _band(self) -> "Draws":
        if not self.min_correct <= self.max_correct <= self.draws:
            raise ValueError(
                f"the band min_correct={self.min_correct}..max_correct={self.max_correct} must be ordered and lie "
                f"within draws={self.draws}"
            )
        return self


class Teacher(Section):
    """A model that writes chains for every selected question."""

    model: Name
    engine: Name
    system: str
    draws: Positive
    sampling: Sampling


class Generation(Section):
    """When a stage that samples stops itself, once `after` answers are judged: shares that waste the rest."""

    after: Positive
    max_truncated: Fraction
    max_unanswered: Fraction


class Answers(Section):
    """How answers are read and compared."""

    extraction: Literal["boxed", "flexible"]
    workers: Positive
    timeout_s: Annotated[float, Field(gt=0)]
    memory_mb: Positive


# --- quality ----------------------------------------------------------------------------------------------------


class Weights(Section):
    """Weights of the four traits (paper 4.1); they sum to 1."""

    length: Fraction
    verify: Fraction
    explore: Fraction
    connect: Fraction

    @model_validator(mode="after")
    def _sum(self) -> "Weights":
        total = self.length + self.verify + self.explore + self.connect
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the four weights sum to {total:g}, not 1")
        return self


class Score(Section):
    """The rule score of a chain (paper 4.1): weights, scaler and keyword lists."""

    tokenizer: Name
    scaler: Literal["rank", "minmax", "winsorised"]
    weights: Weights
    verify: list[str]
    explore: list[str]
    connect: list[str]


class Tiers(Section):
    """Levels per question and the length gate (paper 5.1, 6.4); `min_chains` distinct correct chains make levels."""

    min_chains: Annotated[int, Field(ge=5)]
    max_tokens: Positive
    overlength: Literal["refuse", "allow"]


class TopDataset(Section):
    """The best chain of each of the `size` best questions; nested by rank."""

    path: str
    rule: Literal["top"]
    size: Positive


class LevelDataset(Section):
    """One chain of quality level `level` for each question that has all five."""

    path: str
    rule: Literal["level"]
    level: Annotated[int, Field(ge=1, le=5)]
    size: Positive


class RandomDataset(Section):
    """Questions and chains drawn by hash from the whole clean pool, optionally from some difficulty levels only."""

    path: str
    rule: Literal["random"]
    size: Positive
    levels: list[int] | None
    like: str | None


Dataset = Annotated[TopDataset | LevelDataset | RandomDataset, Field(discriminator="rule")]

# --- training and evaluation ------------------------------------------------------------------------------------


class Train(Section):
    """Full-parameter SFT under DeepSpeed ZeRO-3 (paper 6.1).

    `processes` are those of all `nodes` together; `rendezvous` is where nodes meet, host:port, null for one node.
    """

    device: Literal["cpu", "cuda"]
    dtype: Literal["float32", "bfloat16"]
    attention: Literal["sdpa", "flash_attention_2"]
    processes: Positive
    nodes: Positive
    rendezvous: Annotated[str, Field(pattern=r"^[^\s:]+:\d{1,5}$")] | None
    rendezvous_timeout_s: Positive
    restarts: Count
    threads: Positive
    epochs: Positive
    batch_size: Positive
    loss: Literal["token", "example"]
    tokens_per_pass: Positive
    cost_linear: Annotated[float, Field(gt=0)]
    cost_quadratic: Annotated[float, Field(ge=0)]
    max_length: Positive
    overlength: Literal["refuse", "drop", "truncate"]
    learning_rate: Annotated[float, Field(gt=0)]
    min_learning_rate: Annotated[float, Field(ge=0)]
    beta1: Fraction
    beta2: Fraction
    epsilon: Annotated[float, Field(gt=0)]
    weight_decay: Annotated[float, Field(ge=0)]
    max_grad_norm: Annotated[float, Field(gt=0)]
    fused_loss: Literal["chunks", "liger"]
    loss_chunk: Positive
    activation_checkpointing: bool
    offload: bool
    save_steps: Positive
    export_epochs: list[Positive]


class Variant(Section):
    """One model to train: on which dataset, from which base model."""

    data: str
    model: Name


class Protocol(Section):
    """How one benchmark is sampled (paper 7.2)."""

    draws: Positive
    temperature: Annotated[float, Field(ge=0, le=5)]
    top_p: Annotated[float, Field(gt=0, le=1)]


class Evaluate(Section):
    """Which models answer which benchmarks, and how. `candidates` maps a name to the model's folder."""

    engine: Name
    max_tokens: Positive
    protocols: dict[str, Protocol]


class Release(Section):
    """Name and version on the cards, and the licences whose text may be handed out.

    `repository` (an address for git and for readers) and `date` (YYYY-MM-DD) are null until it is published. A row
    under a licence that is not listed, or under none, stops the release or is released without its text.
    """

    name: str
    version: str
    creator: str
    repository: Annotated[str, Field(pattern=r"^https://[A-Za-z0-9./_~-]+$")] | None
    date: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None
    redistributable: list[Annotated[str, Field(pattern=r"^\S(.*\S)?$")]]
    on_restricted: Literal["stop", "withhold"]


# --- plan -------------------------------------------------------------------------------------------------------


class PassRate(Section):
    """A share of the problems, and the probability that one draw solves one of them."""

    rate: Fraction
    share: Fraction


class Sizes(Section):
    """Mean tokens of a prompt and of an answer."""

    prompt_tokens: Positive
    answer_tokens: Positive


class FilterPlan(Sizes):
    """What is expected of `screen` or `rate`: pass rates of the problems that enter it, with shares that sum to 1."""

    pass_rates: list[PassRate]

    @model_validator(mode="after")
    def _sum(self) -> "FilterPlan":
        total = sum(each.share for each in self.pass_rates)
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the shares of pass_rates sum to {total:g}, not 1")
        return self


class DeviceCost(Section):
    """Devices of one's own: answer tokens a second of all `devices` together, and the price of one for an hour."""

    kind: Literal["devices"]
    tokens_per_second: Annotated[float, Field(gt=0)]
    devices: Positive
    price_per_hour: Annotated[float, Field(ge=0)]


class HostedCost(Section):
    """A server that charges for tokens of prompts (in) and answers (out)."""

    kind: Literal["hosted"]
    price_per_million_in: Annotated[float, Field(ge=0)]
    price_per_million_out: Annotated[float, Field(ge=0)]


EngineCost = Annotated[DeviceCost | HostedCost, Field(discriminator="kind")]


class Shape(Section):
    """The sizes of a model of the llama family, as its config.json names them."""

    layers: Positive
    hidden: Positive
    intermediate: Positive
    heads: Positive
    key_value_heads: Positive
    head_size: Positive
    vocabulary: Positive
    tied: bool


class Plan(Section):
    """What `limo plan` reckons with.

    `pool` and `benchmarks` are rows, used until the outs are there. `host_memory_gib` is of all hosts together,
    `reserve_gib` what a device needs beside the tensors.
    """

    pool: Positive
    benchmarks: dict[Name, Positive]
    screen: FilterPlan
    rate: FilterPlan
    teachers: dict[Name, Sizes]
    answer: Sizes
    engines: dict[Name, EngineCost]
    devices: Positive
    device_memory_gib: Annotated[float, Field(gt=0)]
    host_memory_gib: Annotated[float, Field(gt=0)]
    reserve_gib: Annotated[float, Field(ge=0)]
    shapes: dict[Name, Shape]


class Params(Section):
    """The whole of params.yaml."""

    seed: Count
    models: dict[Name, Model]
    engines: dict[Name, Engine]
    sources: dict[Name, Source]
    benchmarks: dict[Name, Source]
    pool: Pool
    prompt: Prompt
    answers: Answers
    generation: Generation
    screen: Draws
    rate: Draws
    select: Select
    teachers: dict[Name, Teacher]
    score: Score
    tiers: Tiers
    datasets: dict[Name, Dataset]
    train: Train
    variants: dict[Name, Variant]
    candidates: dict[Name, str]
    evaluate: Evaluate
    release: Release
    plan: Plan

    @model_validator(mode="after")
    def _references(self) -> "Params":
        drawn: dict[str, Draws | Teacher] = {f"teachers.{name}": teacher for name, teacher in self.teachers.items()}
        drawn |= {"screen": self.screen, "rate": self.rate}
        for name, section in drawn.items():
            _known(f"{name}.model", section.model, self.models)
            _known(f"{name}.engine", section.engine, self.engines)
        _known("evaluate.engine", self.evaluate.engine, self.engines)
        _known("score.tokenizer", self.score.tokenizer, self.models)
        for name, variant in self.variants.items():
            _known(f"variants.{name}.model", variant.model, self.models)
            _known(f"variants.{name}.data", variant.data, {d.path for d in self.datasets.values()})
        folders = {f"models/base/{m}" for m in self.models} | {f"models/{v}" for v in self.variants}
        for name, folder in self.candidates.items():
            _known(f"candidates.{name}", folder, folders)
        _same("evaluate.protocols", set(self.evaluate.protocols), set(self.benchmarks))
        _same("pool.source_rank", set(self.pool.source_rank), set(self.sources))
        for name, dataset in self.datasets.items():
            if isinstance(dataset, RandomDataset) and dataset.like is not None:
                _known(f"datasets.{name}.like", dataset.like, self.datasets)
        return self

    @model_validator(mode="after")
    def _planned(self) -> "Params":
        used = {self.screen.engine, self.rate.engine, self.evaluate.engine}
        used |= {teacher.engine for teacher in self.teachers.values()}
        for name in self.plan.engines:
            _known("a name in plan.engines", name, self.engines)
        for name in sorted(used - set(self.plan.engines)):
            raise ValueError(f"plan.engines lacks {name!r}, which a stage uses: add its speed and price")
        for name in sorted({variant.model for variant in self.variants.values()} - set(self.plan.shapes)):
            raise ValueError(f"plan.shapes lacks {name!r}, which a variant trains: add the sizes of its config.json")
        _same("plan.teachers", set(self.plan.teachers), set(self.teachers))
        _same("plan.benchmarks", set(self.plan.benchmarks), set(self.benchmarks))
        return self


def _known(key: str, value: str, choices: Any) -> None:
    if value not in choices:
        raise ValueError(f"{key} = {value!r} is not one of {sorted(choices)}")


def _same(key: str, found: set[str], expected: set[str]) -> None:
    if found != expected:
        raise ValueError(f"{key} names {sorted(found)}, expected exactly {sorted(expected)}")


_TAGGED = {("models",), ("engines",), ("sources",), ("benchmarks",), ("datasets",), ("plan", "engines")}


def load(path: str | Path = "params.yaml") -> Params:
    """Read and validate a whole params file.

    Raises:
        ValueError: one line per fault, each with the dotted key, what is wrong and the value found.
    """
    from ruamel.yaml import YAML  # noqa: PLC0415  (a twelfth of a second that commands without params are spared)

    # YAML 1.2, as DVC itself reads and writes: under 1.1 the 1e-05 that `dvc exp run -S` writes is a string.
    values = YAML(typ="safe", pure=True).load(Path(path).read_text(encoding="utf-8"))
    try:
        return Params.model_validate(values)
    except ValidationError as error:
        faults = []
        for fault in error.errors():
            # Within a union pydantic puts the member behind the name; the file has no such level.
            loc = fault["loc"]
            parts = [part for at, part in enumerate(loc) if not (at > 1 and loc[: at - 1] in _TAGGED)]
            parts = [part for part in parts if part != "Fields" and not str(part).startswith("literal[")]
            found = "" if isinstance(fault["input"], dict) else f" (found {fault['input']!r})"
            faults.append(f"  {'.'.join(map(str, parts)) or '(file)'}: {fault['msg']}{found}")
        raise ValueError(f"{path} is not valid:\n" + "\n".join(faults)) from None
