"""Every knob as one frozen, validated section per module, every key with what it means; an unknown key is an error."""

from limo.params.answers import Answers
from limo.params.benchmarks import Benchmark
from limo.params.datasets import Dataset, HeldOutDataset, LevelDataset, RandomDataset, SetDataset, TopDataset
from limo.params.draws import AskedRater, Band, Generation, Rate, Rater, RecordedRater, Sampling, Teacher
from limo.params.empty import empty
from limo.params.engines import Engine, OpenaiEngine, RayEngine, RecordedEngine, TransformersEngine, VllmEngine
from limo.params.evaluate import Evaluate, Exam, Protocol, counts, exam_names, exams, system
from limo.params.judges import ChainJudge, ExamJudge
from limo.params.models import HubModel, LocalModel, Model, PackagedModel
from limo.params.plan import (
    DeviceCost,
    EngineCost,
    ExampleLength,
    FilterPlan,
    HostedCost,
    PassRate,
    Plan,
    PowerPlan,
    Shape,
    Sizes,
    TrainingPlan,
)
from limo.params.pool import Decontamination, Families, Near, Pool, Select
from limo.params.read import load
from limo.params.release import Release
from limo.params.rounds import QuestionSet, RoundDataset
from limo.params.score import Gates, Score, Tiers
from limo.params.section import Section
from limo.params.sources import (
    ChampSource,
    Family,
    FamilySource,
    Fields,
    FileSource,
    GymSource,
    HubSource,
    Source,
    TableSource,
    UrlSource,
)
from limo.params.traces import TraceChamp, TraceFields, TraceFile, TraceHub, Traces, TraceTable
from limo.params.train import Prompt, ThoughtMarks, Train, Variant
from limo.params.whole import Params

__all__ = [
    "Answers",
    "AskedRater",
    "Band",
    "Benchmark",
    "ChainJudge",
    "ChampSource",
    "Dataset",
    "Decontamination",
    "DeviceCost",
    "Engine",
    "EngineCost",
    "Evaluate",
    "Exam",
    "ExamJudge",
    "ExampleLength",
    "Families",
    "Family",
    "FamilySource",
    "Fields",
    "FileSource",
    "FilterPlan",
    "Gates",
    "Generation",
    "GymSource",
    "HeldOutDataset",
    "HostedCost",
    "HubModel",
    "HubSource",
    "LevelDataset",
    "LocalModel",
    "Model",
    "Near",
    "OpenaiEngine",
    "PackagedModel",
    "Params",
    "PassRate",
    "Plan",
    "Pool",
    "PowerPlan",
    "Prompt",
    "Protocol",
    "QuestionSet",
    "RandomDataset",
    "Rate",
    "Rater",
    "RayEngine",
    "RecordedEngine",
    "RecordedRater",
    "Release",
    "RoundDataset",
    "Sampling",
    "Score",
    "Section",
    "Select",
    "SetDataset",
    "Shape",
    "Sizes",
    "Source",
    "TableSource",
    "Teacher",
    "ThoughtMarks",
    "Tiers",
    "TopDataset",
    "TraceChamp",
    "TraceFields",
    "TraceFile",
    "TraceHub",
    "TraceTable",
    "Traces",
    "Train",
    "TrainingPlan",
    "TransformersEngine",
    "UrlSource",
    "Variant",
    "VllmEngine",
    "counts",
    "empty",
    "exam_names",
    "exams",
    "load",
    "system",
]
