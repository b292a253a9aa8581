import pytest

from tests.system import student, workspace
from tests.system.workspace import Workspace


@pytest.fixture(scope="session")
def whole(tmp_path_factory) -> Workspace:
    """A clone of the tiny world whose graph has run, committed as `main`. Tests change copies of it."""
    model = tmp_path_factory.mktemp("student")
    student.train(model)
    made = workspace.make(tmp_path_factory.mktemp("whole") / "clone", model)
    made.run("dvc", "repro")
    made.commit("The whole graph")
    made.run("git", "branch", "--move", "main")
    return made
