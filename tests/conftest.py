import os

from hypothesis import settings

# `make test` tries the same examples every time, so that a green suite stays green; `make test-slow` seeks new ones.
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("search", print_blob=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))
