"""Released datasets → Croissant metadata as JSON-LD; used by release."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from limo import params
from limo.release import licences
from limo.release.cards import COLUMNS, slug

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
CITATION = (
    "@article{ye2025limo, title={LIMO: Less is More for Reasoning}, author={Ye, Yixin and Huang, Zhen and Xiao, Yang "
    "and Chern, Ethan and Xia, Shijie and Liu, Pengfei}, journal={arXiv preprint arXiv:2502.03387}, year={2025}}"
)


def describe(p: params.Params, tables: Mapping[str, tuple[pl.DataFrame, Mapping[str, Any]]]) -> dict[str, Any]:
    """Croissant 1.0 metadata of the released datasets as JSON-LD.

    Args:
        p: all parameters; `url` and `datePublished`, which the format wants, are there once params.yaml names them.
        tables: released rows and manifest entry by dataset name.
    """
    shown = {licence for table, _ in tables.values() for licence in _shown(table)["licence"]}
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": slug(p, "datasets"),
        "description": (
            f"Mathematics questions, each with one chosen reasoning chain and the answer it reaches: the datasets of "
            f"{p.release.name} {p.release.version}, chosen by the procedure of LIMO (arXiv 2502.03387)."
        ),
        "version": p.release.version,
        "creator": {"@type": "sc:Organization", "name": p.release.creator},
        "license": [licences.address(licence) for licence in sorted(shown)] or ["other"],
        "citeAs": CITATION,
        "isLiveDataset": False,
        **({"url": p.release.repository} if p.release.repository else {}),
        **({"datePublished": p.release.date} if p.release.date else {}),
        "distribution": [_file(name, entry) for name, (_, entry) in tables.items()],
        "recordSet": [_records(name, table) for name, (table, _) in tables.items()],
    }


def _shown(table: pl.DataFrame) -> pl.DataFrame:
    return table.filter(~pl.col("withheld")) if "withheld" in table.columns else table


def _file(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": f"{name}.parquet",
        "name": f"{name}.parquet",
        "contentUrl": f"datasets/{name}/{name}.parquet",
        "contentSize": f"{entry['bytes']} B",
        # The registered type, and the older one under which mlcroissant 1.1 knows how to read the rows.
        "encodingFormat": ["application/vnd.apache.parquet", "application/x-parquet"],
        "sha256": entry["sha256"],
    }


def _records(name: str, table: pl.DataFrame) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"{table.height} rows, one per question.",
        "key": {"@id": f"{name}/id"},
        "field": [_field(name, column, dtype) for column, dtype in table.schema.items()],
    }


def _field(name: str, column: str, dtype: pl.DataType) -> dict[str, Any]:
    inner = dtype.inner if isinstance(dtype, pl.List) else dtype
    field = {
        "@type": "cr:Field",
        "@id": f"{name}/{column}",
        "name": column,
        "description": COLUMNS[column],
        **({"repeated": True} if isinstance(dtype, pl.List) else {}),
    }
    if isinstance(inner, pl.Struct):
        return field | {"subField": [_part(name, column, part) for part in inner.fields]}
    return field | {"dataType": _type(inner), "source": _source(name, column)}


def _part(name: str, column: str, part: pl.Field) -> dict[str, Any]:
    """A field of the structs in a column."""
    source = _source(name, column) | {"transform": {"jsonPath": part.name}}
    identity = {"@type": "cr:Field", "@id": f"{name}/{column}/{part.name}", "name": part.name}
    return identity | {"dataType": _type(part.dtype), "source": source}


def _source(name: str, column: str) -> dict[str, Any]:
    return {"fileObject": {"@id": f"{name}.parquet"}, "extract": {"column": column}}


def _type(dtype: Any) -> str:
    if dtype.is_integer():
        return "sc:Integer"
    if dtype.is_float():
        return "sc:Float"
    return "sc:Boolean" if dtype == pl.Boolean else "sc:Text"
