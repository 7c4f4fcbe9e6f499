"""What may go wrong on a user's machine, as a sentence with its remedy."""


class StackError(Exception):
    """A condition the user can mend; shown without a traceback.

    Args:
        problem: one clear sentence: what is wrong.
        remedy: one clear sentence: what to do about it.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy
