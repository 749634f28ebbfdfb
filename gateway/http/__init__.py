"""HTTP below the routes: connections, layers around every request, streams of events, failures as status and body.

Knows no route and no protocol above HTTP. `app` and `serving` put it around the routes; all rooms above use its errors.
"""
