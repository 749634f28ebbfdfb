"""`python -m services.retriever`"""

from services.retriever.server import main

main()
