"""The offline page: charts, costs, formulas."""
