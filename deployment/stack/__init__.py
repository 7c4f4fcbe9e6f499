"""The local stack: every server the catalogue needs, from Python wheels and jars, in one state folder.

Only the standard library is imported here, because these modules run before anything is installed.
"""
