"""Tables of many people into facts, by a mapping file: CSV, Parquet, Excel, SPSS, Stata, SAS, REDCap.

Every cell that is not used is counted and, unless it is empty, reported with its reason. Nothing is guessed:
what a numeral means, which way a date reads, or which unit a number has, is in the mapping or not used.
"""
