"""Check files of descriptions against the standard, without a catalogue: what a supplier runs before handing over."""

from harvesters.checking.check import Checked, check_file

__all__ = ["Checked", "check_file"]
