"""pyqtgraph's ImageItem with the matrices of `barlow-matrix-bench`: first draw, redraw after one changed cell, pan by 5
cells, and how much of the diagonal it shows.

usage: python3 pyqtgraph_peer.py [--json] [--short]

Needs pyqtgraph, numpy and PySide6_Essentials from PyPI (works with 0.14 and 6.8.3; 6.12 aborts under Python 3.11). The
picture has 1000 x 1000 pixels and is painted before a time is taken, as by the others. With automatic downsampling, which
pyqtgraph recommends for images larger than the screen ("pyqtgraph"), and without ("pyqtgraph-plain").
"""
import json
import math
import os
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
import numpy
import pyqtgraph
from pyqtgraph.Qt import QtGui, QtWidgets

SIDE = 1000
PAN = 5  # cells
NEAR = 3  # pixels
SHORT = "--short" in sys.argv
JSON = "--json" in sys.argv
BUILDS = 1 if SHORT else 7
FRAMES = 5 if SHORT else 30


class Plot:
    """Nothing but the matrix, row 0 above."""

    def __init__(self, downsamples):
        pyqtgraph.setConfigOptions(imageAxisOrder="row-major")
        self.widget = pyqtgraph.GraphicsView()
        self.widget.resize(SIDE, SIDE)
        self.widget.setFrameStyle(0)
        self.view = pyqtgraph.ViewBox(invertY=True, defaultPadding=0, enableMenu=False)
        self.widget.setCentralItem(self.view)
        self.item = None
        self.downsamples = downsamples
        self.widget.show()
        QtWidgets.QApplication.processEvents()  # a widget paints nothing before it is exposed

    def set_matrix(self, matrix):
        if self.item is not None:
            self.view.removeItem(self.item)
        self.matrix = matrix
        self.item = pyqtgraph.ImageItem(autoDownsample=self.downsamples)
        self.item.setImage(matrix, autoLevels=False, levels=(0, 1))
        self.view.addItem(self.item)
        self.pan(0)

    def change(self, index):
        self.matrix[index, index] = 0.01 * index
        self.item.setImage(self.matrix, autoLevels=False, levels=(0, 1))
        self.draw()

    def pan(self, columns):
        side = len(self.matrix)
        self.view.setRange(xRange=(columns, side + columns), yRange=(0, side), padding=0, disableAutoRange=True)
        self.draw()

    def draw(self):
        self.widget.viewport().repaint()

    def visible_share(self, columns):
        self.pan(columns)
        image = self.widget.grab().toImage().convertToFormat(QtGui.QImage.Format.Format_Grayscale8)
        cells_per_pixel = len(self.matrix) / SIDE
        due = shown = 0
        for x in range(SIDE):
            middle = round(x + columns / cells_per_pixel)
            if middle < SIDE:
                due += 1
                near = range(max(0, middle - NEAR), min(SIDE - 1, middle + NEAR) + 1)
                shown += any(QtGui.qGray(image.pixel(x, y)) > 127 for y in near)
        return shown / due


def timed(repetitions, work):
    milliseconds = []
    for i in range(-1, repetitions):
        start = time.perf_counter()
        work(max(i, 0))
        if i >= 0:
            milliseconds.append(1e3 * (time.perf_counter() - start))
    return sorted(milliseconds)


def report(what, peer, d, milliseconds=(), **more):
    line = {"bench": "matrix", "what": what, "peer": peer, "d": d, "viewport": [SIDE, SIDE]}
    if milliseconds:
        line["ms_p95"] = milliseconds[math.ceil(0.95 * (len(milliseconds) - 1))]
        line["ms_median"] = milliseconds[len(milliseconds) // 2]
        line["ms_max"] = milliseconds[-1]
        line["reps"] = len(milliseconds)
    line.update(more)
    line = {key: float(f"{value:.4g}") if isinstance(value, float) else value for key, value in line.items()}
    if JSON:
        print(json.dumps(line, separators=(",", ":")), flush=True)
        return
    text = f"{what:<18}{peer:<16}{d:>6}  {f'{SIDE} x {SIDE}':<13}"
    if milliseconds:
        text += (f"median {line['ms_median']:>9.4g} ms   p95 {line['ms_p95']:>9.4g} ms   "
                 f"max {line['ms_max']:>9.4g} ms")
    print(text + "".join(f"   {name} {value:.4g}" for name, value in more.items()), flush=True)


def trained(d):
    noise = numpy.random.default_rng(1).normal(0, 1 / 16, (d, d)).astype(numpy.float32)
    noise[numpy.arange(d), numpy.arange(d)] += 0.9
    return noise


def main():
    application = pyqtgraph.mkQApp()
    for d in [512] if SHORT else [512, 2048, 8192]:
        for peer, downsamples in [("pyqtgraph", True), ("pyqtgraph-plain", False)]:
            plot = Plot(downsamples)
            matrix = trained(d)
            report("first_draw", peer, d, timed(BUILDS, lambda _: plot.set_matrix(matrix)))
            report("changed_redraw", peer, d, timed(FRAMES, plot.change))
            report("pan", peer, d, timed(FRAMES, lambda frame: plot.pan(PAN * frame)))
            plot.set_matrix(numpy.eye(d, dtype=numpy.float32))
            report("diagonal_visible", peer, d, share=plot.visible_share(PAN), share_unmoved=plot.visible_share(0))
            plot.widget.close()
    application.quit()


if __name__ == "__main__":
    main()
