"""The sites of this index: for each its manifest and its open store, and who may change it at the moment.

`reading` and `writing` ask `sites`, which calls the store and, beside each engine, the manifests that go with it.
"""
