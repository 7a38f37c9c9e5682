"""The tools of the worker. Each is a coroutine: it is stopped by a CancelledError where it awaits, and one that blocks holds up
the worker's pulse. Plans know them by python.tools.ts."""
import asyncio, os


class Failure(Exception):
    """Failure(category, code, message): how a tool fails; the categories are those of docs/errors.md."""


async def upper(args):
    if not isinstance(args.get("text"), str):
        raise Failure("validation", "invalid-arguments", "text has to be a text")
    return args["text"].upper()


async def awaited(args):
    """The text of a file, as soon as it is there."""
    for _ in range(int(args["seconds"] * 10) + 1):
        if os.path.exists(args["path"]):
            with open(args["path"], encoding="utf-8") as file:
                return file.read()
        await asyncio.sleep(0.1)
    raise Failure("not-found", "file-not-there", f"{args['path']} did not come within {args['seconds']} s")


TOOLS = {"py.upper": upper, "py.awaited": awaited}
