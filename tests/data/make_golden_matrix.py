"""Writes golden/linkage.json: average linkage of 60 dimensions by scipy. Run with scipy >= 1.9."""

import json
import pathlib

import numpy as np
from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
from scipy.spatial.distance import squareform

D = 60
i, j = np.meshgrid(np.arange(D), np.arange(D), indexing="ij")
# The same formula stands in dendrogram_test.cpp: six groups, and noise that depends on i and j.
same = (i * 7 % 6) == (j * 7 % 6)
c = np.where(same, 0.4, 0.05) + 0.3 * np.sin(1.3 * i + 0.37 * j + 0.11 * i * j)
c[np.arange(D), np.arange(D)] = 1.0
c = c.astype(np.float32).astype(np.float64)
distance = 1 - np.abs(c + c.T) / 2
np.fill_diagonal(distance, 0)
tree = linkage(squareform(distance, checks=False), method="average")

golden = {
    "linkage": tree.tolist(),
    "leaves": leaves_list(tree).tolist(),
    "labels": {str(k): fcluster(tree, k, criterion="maxclust").tolist() for k in (2, 5, 6, 17)},
}
path = pathlib.Path(__file__).parent / "golden" / "linkage.json"
path.write_text(json.dumps(golden) + "\n")
print(path, tree[-1])
