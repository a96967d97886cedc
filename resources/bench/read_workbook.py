"""The baseline of the rehearsal: openpyxl alone reading every cell of a workbook.

Reads {"file": …} from stdin, prints {"seconds": …, "rows": …}.
"""

import json
import sys
import time

import openpyxl

task = json.load(sys.stdin)
start = time.perf_counter()
book = openpyxl.load_workbook(task["file"], read_only=True)
rows = sum(1 for sheet in book.worksheets for _ in sheet.iter_rows(values_only=True))
print(json.dumps({"seconds": time.perf_counter() - start, "rows": rows}))
