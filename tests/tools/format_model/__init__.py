"""A crash model of docs/format.md: the journal's rules on a simulated disk that may lose, keep or spoil
everything not synced. See ../README.md; run with `python3 -m format_model` from tests/tools/."""
