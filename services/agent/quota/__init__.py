"""The account's requests: counted before they are sent, shared fairly, and waited for in a queue readers can see.

`governor` hands out permits, `fair_queue` orders those who wait, `shares` says what one network may take, `forecast`
tells the expected wait, `counting` holds the nouns and the port of the store. Called by `models`.
"""
