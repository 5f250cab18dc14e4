"""What a handler raises on purpose.

HandlerError
├── Declined      the wish can't be met; carries the sentence for the person
└── BadArgument   an argument is not of its kind; dispatch adds the usage line
"""

from handlers.reply import Message


class HandlerError(Exception):
    """The root; carries the sentence for the person."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text)
        self.message = message


class Declined(HandlerError):
    """The wish can't be met, and the message says why."""


class BadArgument(HandlerError):
    """An argument is not of its kind."""
