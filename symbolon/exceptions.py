"""What a user can get wrong, one class each: the message says what is wrong and what to do about it."""


class SymbolonError(Exception):
    """Base of every error that is meant for a person: one clear sentence, shown without a traceback."""
