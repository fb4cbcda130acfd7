"""The reference guide: a static site and a Markdown copy, drawn from the knowledge files.

Refuses to know about patients, and to say anything that the files do not say.
"""

from crithidia.report.guide.markdown import guide_markdown, scores_markdown
from crithidia.report.guide.site import guide_site

__all__ = ["guide_markdown", "guide_site", "scores_markdown"]
