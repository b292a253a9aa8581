"""The command line `limo` → the module of its command, loaded when it is called."""

from importlib import import_module

import click

# Command to module of limo.commands. A module is imported when its command runs: none waits for another's libraries.
COMMANDS = {
    "compare": "compare",
    "dedup": "problems",
    "decontaminate": "problems",
    "explain": "explain",
    "fetch": "fetch",
    "funnel": "funnel",
    "grade": "grade",
    "pin": "pin",
    "plan": "plan",
    "store": "store",
    "verify": "verify",
}


class Commands(click.Group):
    """The commands of `COMMANDS`, each a function of its own name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"limo.commands.{COMMANDS[cmd_name]}"), cmd_name)
        return command


@click.group(cls=Commands)
def main() -> None:
    """Less is more for reasoning, as a reproducible data product."""


if __name__ == "__main__":
    main()
