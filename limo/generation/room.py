"""An engine and a prompt → the tokens that its answer may have; used by attempts and `limo plan`."""

from limo import params


def length(engine: params.Engine) -> int | None:
    """Tokens of prompt and answer together that an engine takes; None where nobody says how many its server does.

    Raises:
        ValueError: an engine of kind recorded asks nobody.
    """
    match engine:
        case params.RayEngine():
            return length(engine.holds)
        case params.RecordedEngine():
            raise ValueError("an engine of kind recorded asks nobody")
    return engine.max_length


def clipped(sampling: params.Sampling, prompt: int, engine: params.Engine) -> params.Sampling | None:
    """The settings with no more answer tokens than a prompt of `prompt` tokens leaves room for in the engine.

    What is clipped goes into the answer's key. None where the prompt leaves no room.
    """
    whole = length(engine)
    if whole is None or prompt + sampling.max_tokens <= whole:
        return sampling
    return sampling.model_copy(update={"max_tokens": whole - prompt}) if prompt < whole else None
