"""What the gateway and the agent say to readers by themselves, in the language of the page.

Called by `chatkit`. English is written where it is said; `locales/` holds other languages, under the English text.
"""
