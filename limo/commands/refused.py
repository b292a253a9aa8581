import click


class RefusedError(click.ClickException):
    """Bad usage or bad input, in one message without a traceback."""

    exit_code = 2
