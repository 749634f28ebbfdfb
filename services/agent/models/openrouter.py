"""What OpenRouter has beside OpenAI's API: a page for apps, and facts about the key."""

from typing import Any

from pydantic import SecretStr

from services.agent.models.provider import Provider

APP_TITLE = "docs-chat"


class OpenRouter(Provider):
    """OpenRouter.

    Args:
        base_url: Address of the API, without a slash at the end.
        api_key: Key of the account.
        site_url: Told for the provider's app page; empty tells nothing.

    Raises:
        ValueError: If the environment names a proxy that is not spoken to over HTTP.
    """

    def __init__(self, base_url: str, api_key: SecretStr, *, site_url: str = "") -> None:
        headers = {"X-OpenRouter-Title": APP_TITLE} | ({"HTTP-Referer": site_url} if site_url else {})
        super().__init__(base_url, api_key, headers=headers)

    async def key_facts(self) -> dict[str, Any]:
        """What the provider says about our key, its daily free requests among them."""
        data = await self._get("/key")
        return data if isinstance(data, dict) else {}
