from limo.graph.schemas import DATASET, RATER
from limo.release import croissant, gate
from tests.chains.world import PARAMS, loaded
from tests.release.world import rows

ENTRY = {"bytes": 7, "sha256": "a" * 64}
PUBLISHED = {"repository": "https://example.org/limo", "date": "2026-01-31"}


def described(table=None, **release):
    p = loaded(release={**PARAMS["release"], **release})
    table = rows() if table is None else table
    return croissant.describe(p, {"limo": (table, ENTRY), "L1": (table, ENTRY)})


def test_every_column_of_every_dataset_is_a_typed_field_that_names_its_file():
    found = described()
    files = {file["@id"] for file in found["distribution"]}
    assert [records["@id"] for records in found["recordSet"]] == ["limo", "L1"]
    for records in found["recordSet"]:
        assert [field["name"] for field in records["field"]] == DATASET.names()
        assert records["key"]["@id"] in {field["@id"] for field in records["field"]}
        for field in records["field"]:
            for part in field.get("subField", [field]):
                assert part["source"]["fileObject"]["@id"] in files
                assert part["source"]["extract"]["column"] == field["name"]
                assert part["dataType"] in {"sc:Text", "sc:Integer", "sc:Float", "sc:Boolean"}
    types = {field["name"]: field.get("dataType") for field in found["recordSet"][0]["field"]}
    (raters,) = (field for field in found["recordSet"][0]["field"] if field["name"] == "raters")
    assert [part["name"] for part in raters["subField"]] == [field.name for field in RATER.fields]
    expected = {"question": "Text", "seed": "Integer", "score": "Float", "truncated": "Boolean", "duplicates": "Text"}
    assert {name: types[name].removeprefix("sc:") for name in expected} == expected
    repeated = [field["name"] for field in found["recordSet"][0]["field"] if field.get("repeated")]
    assert repeated == ["duplicates", "raters"]


def test_ids_are_unique():
    found = described()
    ids = [node["@id"] for node in [*found["distribution"], *found["recordSet"]]]
    ids += [field["@id"] for records in found["recordSet"] for field in records["field"]]
    assert len(ids) == len(set(ids))


def test_files_have_hash_size_and_type():
    for file in described()["distribution"]:
        assert (file["sha256"], file["contentSize"]) == ("a" * 64, "7 B")
        assert "application/vnd.apache.parquet" in file["encodingFormat"]


def test_what_the_format_requires_is_there_once_the_release_is_published():
    found = described(**PUBLISHED)
    required = {"name", "description", "license", "url", "creator", "datePublished", "version", "citeAs", "conformsTo"}
    assert required <= found.keys()
    assert all(found[key] for key in required)
    assert found["license"] == ["https://spdx.org/licenses/Apache-2.0.html", "https://spdx.org/licenses/MIT.html"]


def test_an_unpublished_release_claims_no_address_and_no_date():
    assert not {"url", "datePublished"} & described().keys()


def test_withheld_rows_add_a_column_and_lend_no_licence():
    found = described(gate.withhold(rows(), ["MIT"]))
    assert found["license"] == ["https://spdx.org/licenses/MIT.html"]
    assert found["recordSet"][0]["field"][-1]["name"] == "withheld"
