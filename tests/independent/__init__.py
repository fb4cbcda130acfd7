"""Every shipped criteria set a second time, as ordinary functions written from the papers alone.

The modules of this folder hold one function a set, named as the set. They were written without the
knowledge files in sight and share nothing with the engine; only the ids of concepts are the same.
Each docstring names the paper and says whether its table was read for this or is from memory: where
it was not read, agreement shows only that two people remember the same.
"""
