"""The retriever: owns the index of every site, and finds passages in it.

A call enters by a servicer and goes down: `server` ‣ servicers ‣ `reading` or `writing` ‣ `sites` ‣ `store`, with
`embedding` and `concurrency` below. The nouns of all rooms are in `documents` and, as the store keeps them, `payloads`.
"""
