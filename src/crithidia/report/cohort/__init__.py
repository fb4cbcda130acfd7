"""A described cohort as a page and as pictures."""

from crithidia.report.cohort.page import cohort_page
from crithidia.report.cohort.plots import plots, to_png, to_svg

__all__ = ["cohort_page", "plots", "to_png", "to_svg"]
