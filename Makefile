# make repro: the whole graph, raw problems to report · make test: the suite · make lint · make verify: prove the bytes
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
UV := $(VENV)/bin/uv
# uv does not read pip's configuration: hand it the folder of local wheels (a CPU build of torch, say) if pip has one.
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)
export UV_LINK_MODE ?= copy
export DVC_NO_ANALYTICS := 1
export PATH := $(abspath $(BIN)):$(PATH)

# The environment for machines with GPUs, from a lock of its own: vLLM asks for other releases than the rest.
GPU := .venv-gpu
JOBS ?= 4  # kernels of flash-attn compiled at a time, each with some gigabytes of memory

# vLLM's build for CPUs, a third party's, for the tests of its engine.
VLLM := .venv-vllm

.PHONY: setup setup-gpu setup-flash-attn repro test test-slow test-vllm bench lint format graph docs profiles lock verify remote

setup: $(VENV)/.ok

$(VENV)/.ok: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(UV) pip install --quiet --no-config --python $(BIN)/python torch==2.13.0
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps -e .
	touch $@

setup-gpu: $(GPU)/.ok

$(GPU)/.ok: requirements-gpu.lock pyproject.toml
	test -x $(GPU)/bin/python || $(PYTHON) -m venv $(GPU)
	$(GPU)/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	UV_FIND_LINKS= $(GPU)/bin/uv pip install --quiet --no-config --python $(GPU)/bin/python --no-deps --require-hashes -r requirements-gpu.lock
	$(GPU)/bin/uv pip install --quiet --python $(GPU)/bin/python --no-deps -e .
	touch $@

setup-flash-attn: setup-gpu
	MAX_JOBS=$(JOBS) $(GPU)/bin/uv pip install --no-config --python $(GPU)/bin/python --no-build-isolation --no-deps flash-attn==2.8.3.post2

repro: setup
	dvc repro
	python -m limo.proof.committed

test: setup
	python -m pytest -m "not slow and not vllm" -n 2 --dist loadfile

test-slow: setup
	python -m pytest -m slow
	HYPOTHESIS_PROFILE=search python -m pytest tests/answers tests/problems

test-vllm: setup $(VLLM)/.ok
	VLLM_PYTHON=$(abspath $(VLLM))/bin/python $(VLLM)/bin/python -m pytest -m vllm tests/vllm

$(VLLM)/.ok: tests/vllm/requirements.lock pyproject.toml
	test -x $(VLLM)/bin/python || $(PYTHON) -m venv $(VLLM)
	$(UV) pip install --quiet --no-config --python $(VLLM)/bin/python torch==2.13.0
	$(UV) pip install --quiet --python $(VLLM)/bin/python --no-deps --require-hashes -r tests/vllm/requirements.lock
	$(UV) pip install --quiet --python $(VLLM)/bin/python --no-deps -e .
	touch $@

lint: setup
	ruff format --check .
	ruff check .
	mypy

# One script per performance claim, on a folder of problems, benchmarks and difficulty labels: make bench DATA=FOLDER PEERS=PYTHON
bench: setup
	python bench/problems.py $(DATA)/problems --peers $(PEERS)
	python bench/pool.py $(DATA)/problems --rows 150000
	python bench/sampling.py $(DATA)/difficulty
	python bench/store.py --records 100000
	python bench/generation.py models/base/smollm2
	python bench/overhead.py

format: setup
	ruff format .
	ruff check --fix .

# Code deps of dvc.yaml, from the imports of limo and stages.
graph: setup
	python -m limo.graph.deps

# Pages that are made from the code; tests compare them with what is committed.
docs: setup
	python -m limo.params.page
	python -m limo.graph.page

# Profiles that are kept as their difference from another one.
profiles: setup
	python -m limo.params.compose

lock: setup
	$(UV) pip compile pyproject.toml --quiet --extra dev --universal --python-version 3.11 --generate-hashes --no-header -o requirements.lock
	$(UV) pip compile pyproject.toml tests/vllm/requirements.in --quiet --extra dev --overrides tests/vllm/overrides.txt --python-version 3.11 --generate-hashes --no-header -o tests/vllm/requirements.lock
	UV_FIND_LINKS= $(UV) pip compile pyproject.toml --quiet --no-config --extra gpu --extra cluster --extra dev --python-version 3.11 --python-platform x86_64-manylinux_2_28 --overrides <(printf "llm ; sys_platform == 'never'\nllama-cpp-python ; sys_platform == 'never'\n") --generate-hashes --no-header -o requirements-gpu.lock

verify: setup
	python -m limo.cli verify

# An S3 server for trying docs/remote.md, in the foreground and for this machine only; its secret is made at the first start.
REMOTE_PORT ?= 9200
remote: setup
	mkdir -p .limo/remote/limo
	test -s .limo/remote.secret || (umask 077; python -c "import secrets; print(secrets.token_hex(16))" > .limo/remote.secret)
	@echo 'In another shell, in this folder; Ctrl-C here ends the server:'
	@echo 'dvc remote modify --local store url s3://limo/trial'
	@echo 'export AWS_ENDPOINT_URL=http://127.0.0.1:$(REMOTE_PORT) AWS_ACCESS_KEY_ID=limo AWS_SECRET_ACCESS_KEY=$$(cat .limo/remote.secret)'
	@RCLONE_AUTH_KEY="\"limo,$$(cat .limo/remote.secret)\"" exec rclone serve s3 --config "" --addr 127.0.0.1:$(REMOTE_PORT) .limo/remote
