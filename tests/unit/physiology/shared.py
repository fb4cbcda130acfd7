"""Cases written in short, what is derived from them, and workbooks of the published layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crithidia.intake import parse_case
from crithidia.interpretation import interpret

if TYPE_CHECKING:
    from pathlib import Path

    from crithidia.interpretation import Derived

# The knowledge of the equations, as data.
from crithidia.foundation.library import shipped_library

KIDNEY = shipped_library().document("measurements/kidney.yaml").data
LUNGS = shipped_library().document("measurements/lungs.yaml").data


def derived(text: str) -> dict[tuple[str, str], Derived]:
    """Return what follows from a case, by concept and method."""
    return {(d.concept, d.method): d for d in interpret(parse_case(text)).derived}


def shown(text: str) -> dict[str, str]:
    """Return what follows from a case by concept; the last method of a concept counts."""
    return {concept: d.shown for (concept, _), d in derived(text).items()}


# Cells of the workbook of GLI-2017 in SI units (doi:10.1183/13993003.00010-2017, corrected 2020):
# sheet, age, M spline, S spline.
CELLS_2017: list[tuple[str, float, float, float]] = [
    ("TLCO_SI_m", 5, -0.116094101621069, 0.383098670318418),
    ("TLCO_SI_m", 30, 0.115830933853749, -0.118133272815223),
    ("TLCO_SI_m", 40, 0.0636300920917403, -0.0726859471571395),
    ("TLCO_SI_m", 52.25, -0.00638092899159304, -4.73510046943293e-05),
    ("TLCO_SI_m", 70, -0.114632106896741, 0.100316991882406),
    ("TLCO_SI_f", 40, 0.0422456058908454, -0.0823932100279199),
    ("TLCO_SI_f", 90, -0.136526053686907, 0.233973969269607),
    ("KCO_SI_m", 90, -0.110027214189198, 0.220552572253172),
    ("KCO_SI_f", 5, -0.0504789288710512, 0.233858887945173),
    ("KCO_SI_f", 48.75, -3.38844260507898e-05, -0.0238767134647524),
    ("VA_m", 5, 0.00910194865577552, 0.17528109628421),
    ("VA_f", 90, -0.140317664535806, 0.182110603744435),
]
# The workbook of GLI Global 2022 (supplement of doi:10.1164/rccm.202205-0963OC).
CELLS_GLOBAL: list[tuple[str, float, float, float]] = [
    ("Male FEV1", 3, -0.119775593865382, 0.1843073616847),
    ("Female FEV1", 3, -0.209550778338871, 0.313300389258798),
    ("Male FVC", 40, 0.0560085280465064, -0.0159968911043997),
    ("Male FVC", 95, -0.292824984463346, 0.0964154174299776),
    ("Female FVC", 95, -0.286351174728612, 0.188464354872264),
    ("Male FEV1 FVC", 8, -0.0284357286130427, 0.0417411047756002),
    ("Female FEV1 FVC", 8, -0.0336617095088293, 0.0360470203899927),
]
CELLS_2021: list[tuple[str, float, float, float]] = [
    ("TLC males", 5, -0.0911046967630949, 0.0944106225880472),
    ("TLC females", 5, -0.170942941911745, 0.155206334995461),
    ("FRC males", 5, 0.106032077174753, -0.00278122301298556),
    ("FRC females", 5, 0.0191074847057582, 0.0508975445306563),
    ("RV males", 5, 0.140919626976035, 0.211689017400363),
    ("RV females", 5, 0.0481009159079053, 0.323502297073431),
]
Cells = list[tuple[str, float, float, float]]


def workbook(path: Path, cells: Cells, *, ages: tuple[float, float], header: tuple[str, ...],
             leading: bool = False, change: Any = None) -> Path:  # fmt: skip
    """Write a workbook of the published layout: the cells given are true, the splines between are zero.

    ``leading`` puts a column of row numbers first, as the workbook of 2017 has; ``change`` may alter
    the rows of a sheet before they are written.
    """
    from importlib import import_module

    book = import_module("openpyxl").Workbook()
    book.remove(book.active)
    for title in dict.fromkeys(cell[0] for cell in cells):
        sheet = book.create_sheet(title)
        rows = _rows([cell for cell in cells if cell[0] == title], ages, header, leading=leading)
        for row in change(title, rows) if change else rows:
            sheet.append(row)
    book.save(path)
    return path


def _rows(
    cells: Cells, ages: tuple[float, float], header: tuple[str, ...], *, leading: bool
) -> list[list[Any]]:
    known = {cell[1]: cell[2:] for cell in cells}
    rows: list[list[Any]] = [[None, *header] if leading else list(header)]
    for index in range(round((ages[1] - ages[0]) * 4) + 1):
        age = ages[0] + index / 4
        row = [age, *known.get(age, (0.0, 0.0)), 0.0]
        rows.append([index + 1, *row] if leading else row)
    return rows


def workbook_2017(path: Path, cells: Cells | None = None, change: Any = None) -> Path:
    return workbook(path, cells or CELLS_2017, ages=(5, 90), leading=True, change=change,
                    header=("age", "Mspline", "Sspline", "Lspline"))  # fmt: skip


def workbook_global(path: Path) -> Path:
    return workbook(path, CELLS_GLOBAL, ages=(3, 95), header=("Age", "M Spline", "S Spline", "L Spline"))


def workbook_2021(path: Path) -> Path:
    return workbook(path, CELLS_2021, ages=(5, 80), header=("Age", "Mspline", "Sspline", "Lspline"))
