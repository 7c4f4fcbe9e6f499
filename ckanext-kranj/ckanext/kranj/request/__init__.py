"""Asking for data whose description is open and which themselves are not."""
