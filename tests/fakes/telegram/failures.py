"""The refusals of the Bot API: an error code, the real server's words, and what a client may act on."""


class ApiError(Exception):
    """One refused call.

    Attributes:
        code: the HTTP status and `error_code`.
        description: the whole sentence, "Bad Request: …" included.
        parameters: `retry_after` or `migrate_to_chat_id`, as in ResponseParameters.
    """

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


class Unsupported(ApiError):
    """A call that the real server knows and this fake does not: the test that needs it must fail."""

    def __init__(self, what: str) -> None:
        super().__init__(501, f"Not Implemented: the fake has no behaviour for {what}")


def bad_request(words: str) -> ApiError:
    """A 400."""
    return ApiError(400, f"Bad Request: {words}")


def forbidden(words: str) -> ApiError:
    """A 403."""
    return ApiError(403, f"Forbidden: {words}")


def conflict(words: str) -> ApiError:
    """A 409."""
    return ApiError(409, f"Conflict: {words}")


def too_many(retry_after: int) -> ApiError:
    """A 429 with the seconds to wait."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)
