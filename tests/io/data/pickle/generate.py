"""Python's own pickles of every protocol, for pickle_test.cpp.   usage: generate.py FOLDER"""

import pickle
import sys

VALUE = {
    "integers": [0, 255, 65535, -1, 2**31, -(2**63), 2**70, -(2**70)],
    "numbers": [1.5, -0.0, None, True, False],
    "text": "é\n'\"\\ \U0001f642",
    "bytes": b"\x00\xffab",
    "tuples": ((), (1,), (1, 2, 3, 4)),
    "empty": [{}, []],
    "set": {7},
}

for protocol in range(6):
    with open(f"{sys.argv[1]}/protocol{protocol}.pkl", "wb") as file:
        pickle.dump(VALUE, file, protocol)
