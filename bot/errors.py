"""What the outer layer raises for the operator.

OperatorError          one sentence for standard error, and an exit status
├── ConfigError        a setting is missing or absurd
└── PlatformRefused    a chat platform does not accept us (wrong token, revoked access)
"""


class OperatorError(Exception):
    """Something that the operator has to mend; `str(error)` is one clear sentence without secrets."""

    exit_code = 1


class ConfigError(OperatorError):
    """A setting is missing or absurd."""

    exit_code = 2


class PlatformRefused(OperatorError):
    """A chat platform does not accept us."""
