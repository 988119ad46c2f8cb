"""Spliced encoding: of a clip's pictures only the presenter's box is encoded, the rest is told to stay.

`box` encodes the box as a small stream of its own, `slices` reads and writes slice headers, `cabac` writes slices
that repeat the picture before, `encoder` lays them all into one stream of whole pictures.
"""
