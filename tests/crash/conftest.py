"""The checker's test finds what the crash run shares with the system tests."""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "system"))
