"""`python -m services.agent` runs the agent."""

from services.agent.server import serve
from services.agent.settings import AgentSettings
from services.runtime.starting import run_service

if __name__ == "__main__":
    run_service(AgentSettings, serve)
