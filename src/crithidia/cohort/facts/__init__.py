"""From a table of facts of many people to the answers that a circuit asks for, over Arrow data.

What the facts mean is decided by ``interpretation`` for a single case; this does the same for many people
at once and knows nothing of criteria.
"""
