"""What is exported as a workbook is read back cell by cell by another program's reader, beside the same list
as CSV: the same rows in the same order, numbers as numbers, everything else as text that nothing runs."""

import csv
import io
import re

import openpyxl
import pytest


def read(page, path):
    answer = page.request.get(path)
    assert answer.status == 200, f"{path}: {answer.status}"
    return answer.body()


def unguarded(text):
    """CSV has an apostrophe before what a spreadsheet would run; a workbook's text needs none."""
    return text[1:] if re.match(r"'+[=+\-@\t\r\n＝＋－＠]", text) else text


@pytest.mark.parametrize("login, path, numeric", [
    # Who sees no values has an empty column there.
    ("keeper", "/stock/export", 4), ("engineer", "/stock/export", 3),
    ("keeper", "/stock/movements/export", 3), ("service_manager", "/product-units/export", 1),
    ("service_manager", "/tickets/export", 0),
])
def test_a_workbook_says_what_the_csv_says(opened, login, path, numeric):
    page = opened(login)
    rows = list(csv.reader(io.StringIO(read(page, path + ".csv").decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(read(page, path + ".xlsx"))).active
    heads = [cell.value for cell in sheet[1]]
    assert heads == rows[0] and len(set(heads)) == len(heads)
    assert sheet.max_row == len(rows) > 10
    kinds = {}
    for line, cells in zip(rows[1:], sheet.iter_rows(min_row=2, max_col=len(heads)), strict=True):
        for head, text, cell in zip(heads, line, cells, strict=True):
            where = f"{path} {cell.coordinate} ({head})"
            assert cell.data_type != "f", f"{where} would be run"
            if text == "":
                assert cell.value is None, where
                continue
            kinds.setdefault(head, set()).add("number" if cell.data_type == "n" else "text")
            if cell.data_type == "n":
                assert abs(cell.value - float(text)) < 1e-9, where
            else:
                assert cell.value == unguarded(text), where
    # A serial number of digits alone stays text: no column is now this, now that.
    assert all(len(kind) == 1 for kind in kinds.values()), kinds
    assert sum(kind == {"number"} for kind in kinds.values()) == numeric, kinds
