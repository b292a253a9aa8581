"""The error with which every command refuses bad usage or bad input: exit code 2."""

import click


class RefusedError(click.ClickException):
    """Bad usage or bad input, in one message without a traceback."""

    exit_code = 2
